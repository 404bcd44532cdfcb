/** The tables. Times are RFC 3339 text, flags are 0 or 1: the same on SQLite and PostgreSQL. */
import type { Generated, GeneratedAlways } from 'kysely'
import type { AdmissionRulesTable, AdmissionsTable, DeniedDevicesTable } from './schema-admission.ts'
import type { BrokerProgressTable, BrokersTable } from './schema-brokers.ts'
import type {
  AuthoritiesTable,
  ClientCertificatesTable,
  RevocationListsTable,
  RevocationsTable,
  SeenCertificatesTable,
} from './schema-certificates.ts'
import type { DecisionsTable } from './schema-decisions.ts'
import type { AuthorityDeploymentsTable, KubernetesHandOversTable } from './schema-deployments.ts'
import type { EnforcerTables } from './schema-enforcers.ts'
import type {
  DirectorySweepsTable,
  IdentityProvidersTable,
  RoleMappingsTable,
  UserIdentitiesTable,
} from './schema-identities.ts'
import type { ListenersTable } from './schema-listeners.ts'
import type { EdgeIdentitiesTable, UpstreamsTable } from './schema-upstreams.ts'

export interface Schema extends EnforcerTables {
  users: UsersTable
  user_grants: { user_id: string; method: 'password' | 'certificate' | 'token'; is_required: 0 | 1 }
  user_roles: UserRolesTable
  user_permissions: PermissionColumns & { user_id: string }
  user_tags: { user_id: string; tag: string }
  roles: RolesTable
  role_permissions: PermissionColumns & { role_id: string }
  authenticators: AuthenticatorsTable
  /** Started but not completed: has no effect. */
  enrolments: { session_id: string; kind: 'totp'; user_id: string; data: string; started_at: string }
  /** One row; none while the defaults apply. */
  settings: { id: number; policies: string; version: number }
  sessions: SessionsTable
  /** What was proved in a session, and when: the last time of each kind. */
  session_proofs: { session_id: string; kind: ProofKindColumn; at: string }
  tokens: TokensTable
  attempts: AttemptsTable
  /** Where a user has signed in from: `source` is the hash of a device's secret, or a network. */
  known_sources: { user_id: string; kind: 'device' | 'console' | 'mqtt'; source: string; last_right_at: string }
  authorities: AuthoritiesTable
  authority_usernames: { fingerprint: string; glob: string }
  /** `permissions`: JSON of the user's permissions when it was confirmed. */
  authority_confirmations: {
    user_id: string
    fingerprint: string
    permissions: string
    confirmed_by: string
    confirmed_at: string
  }
  client_certificates: ClientCertificatesTable
  seen_certificates: SeenCertificatesTable
  /** The certificates that clients sent above their own. */
  seen_chains: { chain: string; pem: string }
  revocations: RevocationsTable
  revocation_lists: RevocationListsTable
  /** Changes that brokers must enforce, in commit order. */
  access_changes: { sequence: Generated<number>; kind: ChangeKindColumn; ids: string | null; at: string }
  /** One row: all changes up to this sequence have been pruned. */
  access_changes_pruned: { through: number }
  listeners: ListenersTable
  upstreams: UpstreamsTable
  edge_identities: EdgeIdentitiesTable
  identity_providers: IdentityProvidersTable
  role_mappings: RoleMappingsTable
  user_identities: UserIdentitiesTable
  directory_sweeps: DirectorySweepsTable
  /** The hashes of states and logout tokens that were used, until they could not be used again. */
  single_sign_on_used: { hash: string; until: string }
  /** Brokers beside the embedded one. */
  brokers: BrokersTable
  broker_progress: BrokerProgressTable
  authority_deployments: AuthorityDeploymentsTable
  kubernetes_hand_overs: KubernetesHandOversTable
  admission_rules: AdmissionRulesTable
  admissions: AdmissionsTable
  denied_devices: DeniedDevicesTable
  audit_events: AuditEventsTable
  /** One row: the time from which events are kept, and how many deleted events no audit event has reported yet. */
  audit_retention: { kept_since: string; deleted: number }
  /** Counts per slot of ten minutes; `at` is its start. */
  activity: {
    kind: 'broker.admitted' | 'broker.refused' | 'broker.connections' | 'console.admitted' | 'console.refused'
    at: string
    value: number
  }
  decisions: DecisionsTable
  /** What the rows of `decisions` need, by outcome. */
  decision_totals: { outcome: DecisionsTable['outcome']; rows: number; bytes: number }
  /** Decisions that were not kept, by the hour. */
  decisions_left_out: { at: string; count: number }
  /** Totals of lists, maintained by the writing transactions: counting a million rows takes 13 ms. */
  totals: { name: string; value: number }
  /** Facts about this installation: when it was created, and check values of its secrets. */
  installation: { key: string; value: string }
}

type ProofKindColumn = 'password' | 'directory' | 'oidc' | 'totp' | 'backup-code' | 'provider-factor'

type ChangeKindColumn =
  | 'user'
  | 'role'
  | 'authority'
  | 'revocation'
  | 'crl'
  | 'policy'
  | 'listener'
  | 'broker'
  | 'admission'
  | 'upstream'

interface PermissionColumns {
  context: 'http' | 'mqtt' | 'edge'
  resource: string
  operation: 'read' | 'write' | 'readWrite'
}

interface UserRolesTable {
  user_id: string
  role_id: string
  /** The user's name, which never changes. With it, a role lists its users in the order of names. */
  username_folded: string
  /** Given by a person. A row has one of the two, or both. */
  by_hand: Generated<0 | 1>
  /** Given by a mapping of the provider that the user comes from. */
  mapped: Generated<0 | 1>
}

interface UsersTable {
  id: string
  username: string
  /** Lower case, so that names are unique regardless of case. */
  username_folded: string
  display_name: string | null
  /** Lower case, for search. */
  display_name_folded: string | null
  /** The methods of `user_grants` as a bit set: 1 password, 2 certificate, 4 token. */
  methods: number
  /** Kind, methods, state and second factor as one number, for the filters of lists. */
  facets: GeneratedAlways<number>
  kind: 'person' | 'machine'
  /** `local`, `ldap:<name>` or `oidc:<name>`; never changes. */
  identity_provider: string
  mqtt_publish_prefix: string | null
  /** argon2id in PHC format; before that the parameters of the foreign hash below it, if it was imported. */
  password_hash: string | null
  /** Iterations of the foreign hash. Null: the password was not imported, or was proved since. */
  imported_iterations: number | null
  password_change_required_at: string | null
  /** Derived from `authenticators`, for lists: since when the user has a second factor. */
  mfa_enrolled_at: string | null
  mfa_required_at: string | null
  mfa_reset_at: string | null
  disabled_at: string | null
  last_sign_in_at: string | null
  created_at: string
  version: number
}

interface RolesTable {
  id: string
  name: string
  name_folded: string
  description: string | null
  built_in: 0 | 1
  created_at: string
  version: number
}

interface SessionsTable {
  /** The public id, for lists. The secret is stored only as a hash. */
  id: string
  secret_hash: string
  user_id: string
  created_at: string
  last_seen_at: string
  expires_at: string
  address: string
  user_agent: string | null
  notice: 'mfa-reset' | null
  /** The linked identity that the session began with. Null: it began with a local password. */
  identity_id: string | null
  /** The hash of the session's id at the provider. */
  sid_hash: string | null
  /** What signing out at the provider needs, encrypted. */
  sign_out_box: string | null
}

/** What a user proves an identity with besides the password; several of a kind are possible. */
interface AuthenticatorsTable {
  id: string
  user_id: string
  kind: 'totp' | 'backup-code'
  /** TOTP: the secret, encrypted and bound to the user. Backup code: its keyed digest. */
  data: string
  /** TOTP: the last step that was used. Null where the kind counts nothing. */
  counter: number | null
  created_at: string
  last_used_at: string | null
}

interface TokensTable {
  id: string
  secret_hash: string
  user_id: string
  label: string
  /** The permissions that it is limited to, as JSON. Null: not limited. */
  permissions: string | null
  /** How it was made. Null: made before this was stored. */
  origin: 'login' | 'console' | null
  created_at: string
  expires_at: string | null
  last_used_at: string | null
}

interface AttemptsTable {
  /** `password`, `mqtt` or `factor`, then the user and the source: one row for each counter. */
  pool: string
  failures: number
  window_started_at: string
  blocked_until: string | null
  /** When the first attempt during this wait was refused. The audit has one event for it. */
  refused_at: string | null
}

interface AuditEventsTable {
  /** The order of writing. The API exposes `id`. */
  seq: Generated<number>
  id: string
  at: string
  action: string
  actor_id: string | null
  actor_username: string | null
  via: string
  target_type: string | null
  target_id: string | null
  target_name: string | null
  address: string | null
  before: string | null
  after: string | null
  reason: string | null
}
