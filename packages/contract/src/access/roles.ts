/** Roles: named sets of permissions. */
import * as z from 'zod/mini'
import { ById, enforced, foreseen, Id, line, Time, Version } from '../base.ts'
import { ConfirmedInPath, confirmed } from '../certificates/confirmations.ts'
import { listSearch, page, SearchText } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { Permission } from './permission.ts'

/** The role of administrators. It can be given but not changed. */
export const adminRoleName = 'gatehouse-admin'
/** The role for the own account only. It can be given but not changed. */
export const minimumRoleName = 'minimum-access'
/** The role that reads the console. It can be given but not changed. */
export const viewerRoleName = 'gatehouse-viewer'
/** The role that runs users, devices and certificates. It can be given but not changed. */
export const operatorRoleName = 'gatehouse-operator'

export const RoleName = z
  .string()
  .check(z.minLength(3, 'too_short'), z.maxLength(64, 'too_long'), z.regex(/^[A-Za-z0-9][A-Za-z0-9._ -]*$/, 'invalid'))

export const Role = z.object({
  id: Id,
  name: z.string(),
  description: z.nullable(z.string()),
  builtIn: z.boolean(),
  permissions: z.array(Permission),
  userCount: z.number(),
  createdAt: Time,
  version: Version,
})
export type Role = z.output<typeof Role>

/**
 * A changed role. `disconnected`: live connections that the broker closed because the role no longer covers their
 * subscriptions.
 */
export const RoleWritten = z.extend(Role, enforced)

const permissions = z.array(Permission).check(z.maxLength(1_000))

export const RoleCreate = z.strictObject({
  name: RoleName,
  description: z.optional(z.nullable(line(500))),
  permissions: z._default(permissions, []),
})
export type RoleCreate = z.input<typeof RoleCreate>

export const RoleUpdate = z.strictObject({
  name: z.optional(RoleName),
  description: z.optional(z.nullable(line(500))),
  permissions: z.optional(permissions),
})
export type RoleUpdate = z.input<typeof RoleUpdate>

/** The number of affected users that are named. */
export const namedHolders = 5

/**
 * The users who lose something by a change. `firstUsers`: the first ones by name; null if the caller may not list
 * users. `mappings`: the groups whose present and future members get the role; null if the caller may not list
 * identity providers. Connections are not counted for more than 1,000 holders.
 */
export const RoleImpact = z.object({
  users: z.number(),
  firstUsers: z.nullable(z.array(z.object({ id: Id, username: z.string() }))),
  mappings: z.nullable(z.array(z.object({ provider: z.string(), source: z.string() }))),
  ...foreseen,
})
export type RoleImpact = z.output<typeof RoleImpact>

export const roles = defineRoutes('roles', {
  list: {
    method: 'GET',
    path: '/roles',
    access: 'permitted',
    tag: 'Roles',
    summary: 'List roles',
    search: listSearch(['name', 'createdAt'], {
      'name[eq]': z.optional(SearchText),
      'name[contains]': z.optional(SearchText.check(z.minLength(1))),
    }),
    compressed: true,
    answer: page(Role),
  },
  create: {
    method: 'POST',
    path: '/roles',
    access: 'permitted',
    recent: true,
    tag: 'Roles',
    summary: 'Create a role',
    body: RoleCreate,
    answer: Role,
    status: 201,
    errors: ['name_taken', 'more_than_held'],
  },
  view: {
    method: 'GET',
    path: '/roles/:id',
    access: 'permitted',
    tag: 'Roles',
    summary: 'View a role',
    params: ById,
    answer: Role,
    versioned: true,
    errors: ['not_found'],
  },
  update: {
    method: 'PATCH',
    path: '/roles/:id',
    access: 'permitted',
    recent: true,
    tag: 'Roles',
    summary: 'Change a role; omitted fields stay unchanged',
    description:
      'A role that an identity provider gives gets new permissions in the console only from an administrator: future members of its groups get them too.',
    params: ById,
    body: z.extend(RoleUpdate, confirmed),
    answer: RoleWritten,
    versioned: true,
    errors: [
      'authority_unconfirmed',
      'not_found',
      'changed_meanwhile',
      'name_taken',
      'more_than_held',
      'above_caller',
      'built_in',
      'last_admin',
    ],
  },
  impact: {
    method: 'POST',
    path: '/roles/:id/impact',
    access: 'permitted',
    query: true,
    tag: 'Roles',
    summary: 'Which users a change or a deletion takes permissions from',
    description: 'Takes the body of the change, or `{ "delete": true }`. Changes nothing.',
    params: ById,
    body: z.union([z.strictObject({ delete: z.literal(true) }), z.extend(RoleUpdate, confirmed)]),
    answer: RoleImpact,
    errors: ['not_found'],
  },
  remove: {
    method: 'DELETE',
    path: '/roles/:id',
    access: 'permitted',
    recent: true,
    tag: 'Roles',
    summary: 'Delete a role; a role in use needs detach=true',
    description:
      'Without `detach` a role in use is refused: `facts.users` says how many users have it, `facts.mappings` how many mappings of identity providers give it. `impact` names them.',
    params: ById,
    search: z.extend(ConfirmedInPath, { detach: z.optional(z.enum(['true', 'false'])) }),
    answer: z.object(enforced),
    versioned: true,
    errors: [
      'not_found',
      'changed_meanwhile',
      'role_in_use',
      'above_caller',
      'built_in',
      'last_admin',
      'authority_unconfirmed',
    ],
  },
})
