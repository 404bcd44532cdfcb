/** The tables. Times are RFC 3339 text, flags are 0 or 1: the same on SQLite and PostgreSQL. */
import type { Generated, GeneratedAlways } from 'kysely'

export interface Schema {
  users: UsersTable
  user_grants: { user_id: string; method: 'password' | 'certificate' | 'token'; is_required: 0 | 1 }
  user_roles: UserRolesTable
  user_permissions: PermissionColumns & { user_id: string }
  roles: RolesTable
  role_permissions: PermissionColumns & { role_id: string }
  second_factors: { user_id: string; secret_box: string; last_used_step: number }
  /** Begun, not completed: enables nothing. */
  enrolments: { session_id: string; user_id: string; secret_box: string; started_at: string }
  backup_codes: { user_id: string; digest: string; used_at: string | null }
  /** One row; none while the defaults are in force. */
  settings: { id: number; policies: string; version: number }
  sessions: SessionsTable
  tokens: TokensTable
  attempts: AttemptsTable
  /** From where a user came in: `source` is the hash of a device's secret, or a network. */
  known_sources: { user_id: string; kind: 'device' | 'console' | 'mqtt'; source: string; last_right_at: string }
  authorities: AuthoritiesTable
  authority_usernames: { fingerprint: string; glob: string }
  /** `permissions`: JSON of what the user could do when it was confirmed. */
  authority_confirmations: {
    user_id: string
    fingerprint: string
    permissions: string
    confirmed_by: string
    confirmed_at: string
  }
  client_certificates: ClientCertificatesTable
  seen_certificates: SeenCertificatesTable
  /** What clients sent above their own certificate. */
  seen_chains: { chain: string; pem: string }
  revocations: RevocationsTable
  revocation_lists: RevocationListsTable
  /** What brokers have to enforce, in the order of commits. */
  access_changes: { sequence: Generated<number>; kind: ChangeKindColumn; ids: string | null; at: string }
  /** One row: the log holds nothing up to this sequence. */
  access_changes_pruned: { through: number }
  audit_events: AuditEventsTable
  /** One row: from when on events are kept, and how many were deleted that no event has told of yet. */
  audit_retention: { kept_since: string; deleted: number }
  /** Counted in slots of ten minutes, whose beginning is `at`. */
  activity: {
    kind: 'broker.admitted' | 'broker.refused' | 'broker.connections' | 'console.admitted' | 'console.refused'
    at: string
    value: number
  }
  /** Totals of lists, kept in the writing transaction: counting a million rows takes 13 ms. */
  totals: { name: string; value: number }
  /** Facts about this installation: when it was made, its secrets' check values. */
  installation: { key: string; value: string }
}

type ChangeKindColumn = 'user' | 'role' | 'authority' | 'revocation' | 'crl' | 'policy'

interface PermissionColumns {
  context: 'http' | 'mqtt'
  resource: string
  operation: 'read' | 'write' | 'readWrite'
}

interface UserRolesTable {
  user_id: string
  role_id: string
  /** The user's, which never changes: a role lists its users in the order of names. */
  username_folded: string
}

interface UsersTable {
  id: string
  username: string
  /** Lower case: unique without regard to case. */
  username_folded: string
  display_name: string | null
  /** Lower case: what is searched. */
  display_name_folded: string | null
  /** What `user_grants` says, as a sum: 1 for a password, 2 for a certificate, 4 for a token. */
  methods: number
  /** Kind, methods, state and second factor as one number: what lists are filtered by. */
  facets: GeneratedAlways<number>
  kind: 'person' | 'machine'
  identity_provider: 'local'
  mqtt_publish_prefix: string | null
  /** argon2id in PHC form. */
  password_hash: string | null
  password_change_required_at: string | null
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
  /** Public, for lists; the secret is only here as a hash. */
  id: string
  secret_hash: string
  user_id: string
  created_at: string
  password_proved_at: string
  factor_proved_at: string | null
  last_seen_at: string
  expires_at: string
  address: string
  user_agent: string | null
  notice: 'mfa-reset' | null
}

interface TokensTable {
  id: string
  secret_hash: string
  user_id: string
  label: string
  /** What it is narrowed to, as JSON; null: not narrowed. */
  permissions: string | null
  /** How it was made; null: before that was kept. */
  origin: 'login' | 'console' | null
  created_at: string
  expires_at: string | null
  last_used_at: string | null
}

interface AttemptsTable {
  /** `password` | `mqtt` | `factor`, then who and from where: one row for each pool. */
  pool: string
  failures: number
  window_started_at: string
  blocked_until: string | null
  /** When the first attempt was refused during this wait: what the audit has one line about. */
  refused_at: string | null
}

interface AuthoritiesTable {
  fingerprint: string
  key_fingerprint: string
  subject: string
  issuer: string
  name: string
  name_folded: string
  notes: string | null
  der: Uint8Array
  not_after: string
  /** The parsed description, as JSON: what the list shows without parsing again. */
  description: string
  built_in: 0 | 1
  uploaded_by: string | null
  uploaded_at: string
  withdrawn_at: string | null
  /** Id of the user who limited it; null: an administrator did, or nobody. */
  limited_by: string | null
  version: number
}

interface RevocationsTable {
  id: string
  /** SHA-256 of the SubjectPublicKeyInfo of whoever signed the certificate. */
  issuer_key: string
  /** Lower-case hex without leading zeros. */
  serial_number: string
  issuer: string
  subject: string | null
  /** Empty where the subject is not known: what is sorted by is never null. */
  subject_folded: string
  username: string | null
  fingerprint: string | null
  not_after: string | null
  reason: string
  note: string | null
  revoked_by: string | null
  revoked_at: string
}

interface RevocationListsTable {
  fingerprint: string
  issuer_key: string
  /** Which part of the issuer's certificates it is about; empty: all. One list for each. */
  scope: string
  issuer: string
  /** Decimal text: up to 20 bytes. */
  number: string | null
  this_update: string
  next_update: string | null
  entry_count: number
  signature_algorithm: string
  uploaded_by: string | null
  uploaded_at: string
  der: Uint8Array
  /** The certificate of the key that signed it; null where the list counts for no other key. */
  signer: Uint8Array | null
}

interface AuditEventsTable {
  /** Order of writing; `id` is what the outside sees. */
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

/** Issued here. */
interface ClientCertificatesTable {
  fingerprint: string
  /** SHA-256 of the SubjectPublicKeyInfo of whoever signed it: with the serial number what a revocation names. */
  issuer_key: string
  /** The same of its own key. */
  own_key: string
  serial_number: string
  subject: string
  subject_folded: string
  issuer: string
  key_algorithm: string
  not_before: string
  not_after: string
  /** Null once the user is gone; the name stays. */
  user_id: string | null
  username: string
  /** With those between it and the root. */
  pem: string
  issued_at: string
  /** A username, of then. */
  issued_by: string
  renewed_by: string | null
}

/** Somebody came in with it. */
interface SeenCertificatesTable {
  fingerprint: string
  /** As of those that were issued here. */
  issuer_key: string
  serial_number: string
  subject: string
  subject_folded: string
  issuer: string
  key_algorithm: string
  not_before: string
  not_after: string
  /** Of then: there may be no such user any more. */
  user_id: string
  username: string
  /** Fingerprint of the authority that vouched for it the last time. */
  authority: string
  /** Certificates with the same one share their signer and whatever else the client sent. */
  chain: string
  pem: string
  first_seen_at: string
  last_seen_at: string
}
