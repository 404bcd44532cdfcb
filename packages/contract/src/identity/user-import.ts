/** The import of many users at once, and the export as a file. */
import * as z from 'zod/mini'
import { Id } from '../base.ts'
import { confirmed } from '../certificates/confirmations.ts'
import { SearchText } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { UserCreate, userFilters } from './users.ts'

export const maxBatchSize = 1_000
/** Three times the size of a thousand usual users, in bytes. */
export const maxBatchBytes = 1_048_576

/** Usernames are compared without regard to case. */
const Batch = z.array(UserCreate).check(z.minLength(1), z.maxLength(maxBatchSize), z.superRefine(refuseDuplicates))

function refuseDuplicates(users: readonly { username: string }[], ctx: z.core.$RefinementCtx): void {
  const seen = new Set<string>()
  for (const [at, { username }] of users.entries()) {
    const folded = username.toLowerCase()
    if (seen.has(folded))
      ctx.issues.push({ code: 'custom', path: [at, 'username'], message: 'duplicate', input: username })
    seen.add(folded)
  }
}

export const userTransfer = defineRoutes('userTransfer', {
  batch: {
    method: 'POST',
    path: '/users/batch',
    access: 'permitted',
    recent: true,
    tag: 'Users',
    summary: 'Create many users at once, all or none; `fields` names faults by index',
    body: z.strictObject({ users: Batch, ...confirmed }),
    answer: z.object({ users: z.array(z.object({ id: Id, username: z.string() })) }),
    status: 201,
    maxBytes: maxBatchBytes,
    errors: [
      'above_caller',
      'authority_unconfirmed',
      'username_taken',
      'unknown_role',
      'more_than_held',
      'password_refused',
      'identity_provider_unsupported',
      'token_grant_required',
    ],
  },
  export: {
    method: 'GET',
    path: '/users.csv',
    access: 'permitted',
    tag: 'Users',
    summary: 'All matching users as CSV; texts that a spreadsheet would read as formulas begin with an apostrophe',
    search: z.strictObject({ search: z.optional(SearchText), ...userFilters }),
    compressed: true,
    answer: { file: 'text/csv' },
  },
})
