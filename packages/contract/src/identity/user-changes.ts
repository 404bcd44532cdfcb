/** One change of many users at once, such as a tag for a hundred devices: all or none. */
import * as z from 'zod/mini'
import { enforced, Id } from '../base.ts'
import { confirmed } from '../certificates/confirmations.ts'
import { defineRoutes } from '../route.ts'
import { Tags } from './tags.ts'
import { UserImpact } from './users.ts'

/** As many as a page of the list has at most. */
export const maxUsersChanged = 200

const RoleIds = z.array(Id).check(z.maxLength(100))

/** What is not named stays. Roles and tags that a user has already, or has not, are no error. An edit without any change is refused. */
const Edit = z
  .strictObject({
    disabled: z.optional(z.boolean()),
    addRoles: z._default(RoleIds, []),
    removeRoles: z._default(RoleIds, []),
    addTags: z._default(Tags, []),
    removeTags: z._default(Tags, []),
  })
  .check(
    z.refine(({ disabled, ...lists }) => disabled !== undefined || Object.values(lists).some((ids) => ids.length > 0)),
  )

export const UsersChange = z.union([z.strictObject({ delete: z.literal(true) }), Edit])
export type UsersChange = z.output<typeof UsersChange>

const body = {
  users: z.array(Id).check(z.minLength(1), z.maxLength(maxUsersChanged)),
  change: UsersChange,
}

export const userChanges = defineRoutes('userChanges', {
  apply: {
    method: 'POST',
    path: '/users/changes',
    access: 'permitted',
    recent: true,
    tag: 'Users',
    summary: 'Change or delete many users at once, all or none; `fields` names faults by index',
    description:
      'The rules for one user apply to each: the caller must hold all permissions of the user before and after the change, and cannot change or delete the own user. Users that the change leaves as they are get no new version and no audit event.',
    body: z.strictObject({ ...body, ...confirmed }),
    answer: z.object({
      /** Users that are different now, or were deleted. */
      changed: z.number(),
      /** Live connections that the change ended; null if the broker did not confirm within two seconds. */
      ...enforced,
    }),
    errors: [
      'not_found',
      'above_caller',
      'own_account',
      'unknown_role',
      'more_than_held',
      'last_admin',
      'role_is_mapped',
      'authority_unconfirmed',
    ],
  },
  impact: {
    method: 'POST',
    path: '/users/changes/impact',
    access: 'permitted',
    query: true,
    tag: 'Users',
    summary: 'What a change of many users would end, in total',
    description: 'Takes the body of the change. Changes nothing.',
    body: z.strictObject(body),
    answer: UserImpact,
    errors: ['not_found', 'role_is_mapped'],
  },
})
