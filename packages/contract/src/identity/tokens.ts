/** Tokens for scripts: the own ones, and those of a user for an administrator. */
import * as z from 'zod/mini'
import { Permission } from '../access/permission.ts'
import { ById, GivenTime, Id, line, Time } from '../base.ts'
import { listSearch, page } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { secret } from '../secret.ts'

/** The lifetime in days if the caller names none. A token without an end has to be requested. */
export const defaultTokenDays = 30

/** Bounded because each request with a narrowed token compares all of them with the permissions of its user. */
export const maxTokenPermissions = 50

/** The format of a token, for secret scanners. The last six characters are a checksum. */
export const tokenPattern = /^gth_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/

export const Token = z.object({
  id: Id,
  label: z.string(),
  /** The token is narrowed to these; null: whatever its user may do. */
  permissions: z.nullable(z.array(Permission)),
  /**
   * `login`: made by `/login` with the password. `console`: made in a session. Null: made before this was recorded;
   * treated as `login`.
   */
  origin: z.nullable(z.enum(['login', 'console'])),
  createdAt: Time,
  /** Null: never. An expired token stays in the list for a week. */
  expiresAt: z.nullable(Time),
  /** To the minute. */
  lastUsedAt: z.nullable(Time),
})
export type Token = z.output<typeof Token>

/** A new token with its secret, which is shown only once. */
export const TokenMade = z.extend(Token, { token: secret() })
export type TokenMade = z.output<typeof TokenMade>

export const TokenCreate = z.strictObject({
  label: line(100),
  expiresAt: z.optional(z.nullable(GivenTime)),
  permissions: z.optional(
    z.nullable(z.array(Permission).check(z.minLength(1, 'required'), z.maxLength(maxTokenPermissions, 'too_long'))),
  ),
})
export type TokenCreate = z.input<typeof TokenCreate>

const search = listSearch(['createdAt'], {})

/** `madeInConsole`: the number of valid tokens that were made in the console. */
const TokenList = z.extend(page(Token), { madeInConsole: z.number() })

export const tokens = defineRoutes('tokens', {
  list: {
    method: 'GET',
    path: '/tokens',
    access: 'signed-in',
    tag: 'Tokens',
    summary: 'The own tokens, the newest first',
    search,
    /** `hasGrant`: whether the user may have tokens. */
    answer: z.extend(TokenList, { hasGrant: z.boolean() }),
  },
  create: {
    method: 'POST',
    path: '/tokens',
    access: 'signed-in',
    recent: true,
    tag: 'Tokens',
    summary: 'Make a token; only this answer contains its secret',
    description:
      'The user needs the token grant. At each use the token may do what its user may do at that time, within its own `permissions`. It never gives access to the own account.',
    body: TokenCreate,
    answer: TokenMade,
    status: 201,
    errors: ['no_token_grant', 'more_than_held'],
  },
  revoke: {
    method: 'DELETE',
    path: '/tokens/:id',
    access: 'signed-in',
    tag: 'Tokens',
    summary: 'Revoke one of the own tokens; the server refuses it from the next request on',
    params: ById,
    answer: null,
    errors: ['not_found'],
  },
  listOf: {
    method: 'GET',
    path: '/users/:id/tokens',
    access: 'permitted',
    tag: 'Users',
    summary: "A user's tokens, the newest first, without their secrets",
    params: ById,
    search,
    ownUserNeedsSession: true,
    answer: TokenList,
    errors: ['not_found'],
  },
  revokeOf: {
    method: 'DELETE',
    path: '/users/:id/tokens/:tokenId',
    access: 'permitted',
    tag: 'Users',
    summary: "Revoke one of a user's tokens",
    description: 'The caller must hold all permissions of that user.',
    params: z.strictObject({ id: Id, tokenId: Id }),
    ownUserNeedsSession: true,
    answer: null,
    errors: ['not_found', 'above_caller'],
  },
})
