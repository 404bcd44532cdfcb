/** The routes that list permissions and their holders, and that show what a user may do. */
import * as z from 'zod/mini'
import { ById, Id, Time } from '../base.ts'
import { listSearch, page, pageSearch } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { Context, isResourceOf, Operation, Resource } from './permission.ts'
import { isTopicFilter } from './topic.ts'

const Filter = Resource.check(z.refine(isTopicFilter, 'topic_filter'))

/** The number of holders of each kind that a list entry names, and the number up to which it counts them. */
export const namedHolders = 3
export const maxCountedHolders = 1_000

const count = z.nullable(z.number())

/** A permission with its first few holders by name. Counts are null beyond 1,000. */
export const HeldPermission = z.object({
  context: Context,
  resource: z.string(),
  operation: Operation,
  roles: z.array(z.object({ id: Id, name: z.string() })),
  roleCount: count,
  users: z.array(z.object({ id: Id, username: z.string() })),
  userCount: count,
})
export type HeldPermission = z.output<typeof HeldPermission>

/** `name`: the name of the role, or the username. */
export const Holder = z.object({ kind: z.enum(['role', 'user']), id: Id, name: z.string() })
export type Holder = z.output<typeof Holder>

/** One permission of a user and its sources: roles, individual, or both. */
export const AccessLine = z.object({
  context: Context,
  resource: z.string(),
  operation: Operation,
  roles: z.array(z.object({ id: Id, name: z.string() })),
  individual: z.boolean(),
})
export type AccessLine = z.output<typeof AccessLine>

/** A question to the permission tester: a topic or filter as the client names it, or a path. */
export const AccessQuestion = z
  .strictObject({ context: Context, resource: z.string().check(z.minLength(1, 'required')), operation: Operation })
  .check(
    z.superRefine((question, ctx) => {
      if (!isTopicFilter(question.resource))
        ctx.addIssue({ code: 'custom', path: ['resource'], message: 'topic_filter' })
      else if (!isResourceOf(question)) {
        ctx.addIssue({ code: 'custom', path: ['resource'], message: 'path' })
      }
    }),
  )

/**
 * Why something is allowed or refused. `permitted` and `no_permission` depend on the permissions. The others apply
 * whatever the permissions are: the user is disabled, the topic to publish to has wildcards, only the broker publishes
 * below `$SYS`, and the shared subscription is not valid.
 */
export const AccessReason = z.enum([
  'permitted',
  'no_permission',
  'user_disabled',
  'topic_expected',
  'broker_topic',
  'shared_subscription',
])
export type AccessReason = z.output<typeof AccessReason>

export const AccessVerdict = z.object({
  allowed: z.boolean(),
  /** One entry for each half of the operation. */
  because: z.array(
    z.object({
      operation: z.enum(['read', 'write']),
      allowed: z.boolean(),
      reason: AccessReason,
      /** The judged topic or path. When publishing, the user's prefix precedes the topic. */
      resource: z.string(),
      /** The permissions that allow it, at most twenty. */
      lines: z.array(AccessLine),
    }),
  ),
})
export type AccessVerdict = z.output<typeof AccessVerdict>

/** The permissions that can be given, by area: the whole area first, then each route. */
export const Catalogue = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      entries: z.array(z.object({ name: z.string(), resource: z.string(), operation: z.enum(['read', 'write']) })),
    }),
  ),
})
export type Catalogue = z.output<typeof Catalogue>

export const permissions = defineRoutes('permissions', {
  list: {
    method: 'GET',
    path: '/permissions',
    access: 'permitted',
    tag: 'Permissions',
    summary: 'List permissions; each distinct one once, with the roles and users that hold it',
    search: listSearch(['resource'], {
      'context[eq]': z.optional(Context),
      'operation[eq]': z.optional(Operation),
      /** `readWrite` matches both. */
      allows: z.optional(z.enum(['read', 'write'])),
      /** Permissions that cover all of this topic, path or filter. */
      covers: z.optional(Filter),
      /** Permissions that cover some of it. */
      overlaps: z.optional(Filter),
    }),
    compressed: true,
    answer: page(HeldPermission),
  },
  catalogue: {
    method: 'GET',
    path: '/permissions/catalogue',
    access: 'signed-in',
    tokens: true,
    tag: 'Permissions',
    summary: 'The permissions of the console and the API, by name',
    compressed: true,
    answer: Catalogue,
  },
  holders: {
    method: 'GET',
    path: '/permissions/holders',
    access: 'permitted',
    tag: 'Permissions',
    summary: 'The holders of a permission; roles first, then users, each in the order of creation',
    search: z.strictObject({
      ...pageSearch,
      'context[eq]': Context,
      'resource[eq]': Filter,
      'operation[eq]': Operation,
    }),
    compressed: true,
    answer: page(Holder),
  },
  accessOf: {
    method: 'GET',
    path: '/users/:id/access',
    access: 'permitted',
    tag: 'Users',
    summary: 'All permissions of a user; each with its sources',
    params: ById,
    search: listSearch(['resource'], { 'context[eq]': z.optional(Context) }),
    compressed: true,
    answer: z.extend(page(AccessLine), {
      disabledAt: z.nullable(Time),
      mqttPublishPrefix: z.nullable(z.string()),
    }),
    errors: ['not_found'],
  },
  check: {
    method: 'POST',
    path: '/users/:id/access/check',
    access: 'permitted',
    query: true,
    tag: 'Users',
    summary: 'Whether a user may do something; with the permissions that decide it',
    params: ById,
    body: AccessQuestion,
    answer: AccessVerdict,
    errors: ['not_found'],
  },
})
