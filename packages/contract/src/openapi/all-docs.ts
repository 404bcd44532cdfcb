/** The descriptions and examples of all features, in one place to look them up. */
import { docs as permissions } from '../access/permissions.openapi.ts'
import { docs as roles } from '../access/roles.openapi.ts'
import { docs as base } from '../base.openapi.ts'
import { docs as admissionRules } from '../brokers/admission-rules.openapi.ts'
import { docs as broker } from '../brokers/broker.openapi.ts'
import { docs as brokers } from '../brokers/brokers.openapi.ts'
import { docs as decisions } from '../brokers/decisions.openapi.ts'
import { docs as deployments } from '../brokers/deployments.openapi.ts'
import { docs as enforcers } from '../brokers/enforcers.openapi.ts'
import { docs as kubernetes } from '../brokers/kubernetes.openapi.ts'
import { docs as listeners } from '../brokers/listeners.openapi.ts'
import { docs as mosquitto } from '../brokers/mosquitto.openapi.ts'
import { docs as mosquittoImport } from '../brokers/mosquitto-import.openapi.ts'
import { docs as mqttSessions } from '../brokers/mqtt-sessions.openapi.ts'
import { docs as retained } from '../brokers/retained.openapi.ts'
import { docs as topics } from '../brokers/topics.openapi.ts'
import { docs as upstreams } from '../brokers/upstreams.openapi.ts'
import { docs as authorities } from '../certificates/authorities.openapi.ts'
import { docs as builtInAuthority } from '../certificates/built-in-authority.openapi.ts'
import { docs as check } from '../certificates/check.openapi.ts'
import { docs as crls } from '../certificates/crls.openapi.ts'
import { docs as issued } from '../certificates/issued.openapi.ts'
import { docs as revocations } from '../certificates/revocations.openapi.ts'
import { docs as providers } from '../identity/providers.openapi.ts'
import { docs as secondFactors } from '../identity/second-factors.openapi.ts'
import { docs as sessions } from '../identity/sessions.openapi.ts'
import { docs as signIn } from '../identity/sign-in.openapi.ts'
import { docs as tokens } from '../identity/tokens.openapi.ts'
import { docs as userChanges } from '../identity/user-changes.openapi.ts'
import { docs as userImport } from '../identity/user-import.openapi.ts'
import { docs as users } from '../identity/users.openapi.ts'
import { docs as audit } from '../operations/audit.openapi.ts'
import { docs as overview } from '../operations/overview.openapi.ts'
import { docs as settings } from '../operations/settings.openapi.ts'
import type { FeatureDocs } from './feature-docs.ts'

const features: readonly FeatureDocs[] = [
  base,
  users,
  userImport,
  userChanges,
  providers,
  secondFactors,
  sessions,
  signIn,
  tokens,
  roles,
  permissions,
  authorities,
  builtInAuthority,
  check,
  issued,
  revocations,
  crls,
  broker,
  decisions,
  brokers,
  mosquitto,
  enforcers,
  deployments,
  kubernetes,
  admissionRules,
  listeners,
  mosquittoImport,
  upstreams,
  mqttSessions,
  retained,
  topics,
  audit,
  overview,
  settings,
]

/** See `FeatureDocs` for the keys of each. */
export const descriptions = merge(({ descriptions: own = {} }) => own)
export const values = merge(({ values: own = {} }) => own)
export const bodies = merge(({ bodies: own = {} }) => own)
export const answers = merge(({ answers: own = {} }) => own)

// A name that two features describe would silently take one of the two texts.
function merge<T>(part: (docs: FeatureDocs) => Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const merged: Record<string, T> = {}
  for (const [name, value] of features.flatMap((docs) => Object.entries(part(docs)))) {
    if (name in merged) throw new TypeError(`Two features document ${name}.`)
    merged[name] = value
  }
  return merged
}
