/** The whole API: every route, by feature. */

import { permissions } from './access/permissions.ts'
import { roles } from './access/roles.ts'
import { admissionRules, deniedDevices } from './brokers/admission-rules.ts'
import { broker } from './brokers/broker.ts'
import { brokers } from './brokers/brokers.ts'
import { decisions } from './brokers/decisions.ts'
import { deployments } from './brokers/deployments.ts'
import { enforcers } from './brokers/enforcers.ts'
import { kubernetes } from './brokers/kubernetes.ts'
import { listeners } from './brokers/listeners.ts'
import { mosquitto } from './brokers/mosquitto.ts'
import { mosquittoImports } from './brokers/mosquitto-import.ts'
import { mqttSessions } from './brokers/mqtt-sessions.ts'
import { retained } from './brokers/retained.ts'
import { topics } from './brokers/topics.ts'
import { upstreams } from './brokers/upstreams.ts'
import { authorities } from './certificates/authorities.ts'
import { builtInAuthority } from './certificates/built-in-authority.ts'
import { certificates } from './certificates/check.ts'
import { revocationLists } from './certificates/crls.ts'
import { clientCertificates } from './certificates/issued.ts'
import { revocations } from './certificates/revocations.ts'
import { identities } from './identity/identities.ts'
import { identityProviders } from './identity/providers.ts'
import { mfa } from './identity/second-factors.ts'
import { sessions } from './identity/sessions.ts'
import { session } from './identity/sign-in.ts'
import { tokens } from './identity/tokens.ts'
import { userChanges } from './identity/user-changes.ts'
import { userTransfer } from './identity/user-import.ts'
import { users } from './identity/users.ts'
import { audit } from './operations/audit.ts'
import { overview } from './operations/overview.ts'
import { settings } from './operations/settings.ts'
import type { Route } from './route.ts'

export const api = {
  session,
  mfa,
  sessions,
  tokens,
  // Before `users`: its paths would match `/users/:id/impact`.
  userChanges,
  users,
  userTransfer,
  identityProviders,
  identities,
  roles,
  permissions,
  builtInAuthority,
  authorities,
  certificates,
  clientCertificates,
  revocations,
  revocationLists,
  broker,
  decisions,
  // Before `brokers`: `/brokers/enforcers` is not the id of one.
  enforcers,
  brokers,
  mosquitto,
  deployments,
  kubernetes,
  admissionRules,
  deniedDevices,
  listeners,
  mosquittoImports,
  upstreams,
  mqttSessions,
  retained,
  topics,
  audit,
  settings,
  overview,
} as const

/** All routes as one list: for OpenAPI, the access matrix, and the check that each is bound once. */
export const everyRoute: readonly Route[] = Object.values(api).flatMap((feature) => Object.values(feature))
