/** The whole API: every route, by feature. */
import { audit } from './audit.ts'
import { authorities } from './authorities.ts'
import { broker } from './broker.ts'
import { builtInAuthority } from './built-in-authority.ts'
import { certificates } from './certificates.ts'
import { clientCertificates } from './client-certificates.ts'
import { permissions } from './held-permissions.ts'
import { mfa } from './mfa.ts'
import { overview } from './overview.ts'
import { revocationLists } from './revocation-lists.ts'
import { revocations } from './revocations.ts'
import { roles } from './roles.ts'
import type { Route } from './route.ts'
import { session } from './session.ts'
import { sessions } from './sessions.ts'
import { settings } from './settings.ts'
import { tokens } from './tokens.ts'
import { userTransfer } from './user-transfer.ts'
import { users } from './users.ts'

export const api = {
  session,
  mfa,
  sessions,
  tokens,
  users,
  userTransfer,
  roles,
  permissions,
  builtInAuthority,
  authorities,
  certificates,
  clientCertificates,
  revocations,
  revocationLists,
  broker,
  audit,
  settings,
  overview,
} as const

/** All routes, flat: for OpenAPI, the access matrix, and the check that each is bound once. */
export const everyRoute: readonly Route[] = Object.values(api).flatMap((feature) => Object.values(feature))
