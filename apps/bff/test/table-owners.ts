/** Each table belongs to one feature. Only its stores read and write the table; other features call these stores. */
import type { Schema } from '../src/platform/db/schema.ts'
import { isShipped } from './boundary-rules.ts'
import type { SourceFile } from './source-files.ts'

/** Every table and the folder that owns it. A new table does not compile until it has an owner. */
export const tableOwners: Record<keyof Schema, string> = {
  listeners: 'brokers/listeners',
  enforcers: 'brokers/enforcers',
  enforcer_tokens: 'brokers/enforcers',
  enforcer_authorities: 'brokers/enforcers',
  brokers: 'brokers/inventory',
  broker_progress: 'brokers/mosquitto',
  authority_deployments: 'brokers/cedalo',
  kubernetes_hand_overs: 'brokers/kubernetes',
  admission_rules: 'brokers/admission',
  admissions: 'brokers/admission',
  denied_devices: 'brokers/admission',
  upstreams: 'brokers/upstreams',
  edge_identities: 'brokers/upstreams',
  access_changes: 'platform/changes',
  access_changes_pruned: 'platform/changes',
  activity: 'platform/audit',
  audit_events: 'platform/audit',
  audit_retention: 'platform/audit',
  installation: 'platform/db',
  settings: 'platform/policies',
  identity_providers: 'identity/providers',
  role_mappings: 'identity/providers',
  user_identities: 'identity/identities',
  directory_sweeps: 'identity/directory',
  single_sign_on_used: 'identity/single-sign-on',
  totals: 'identity/users',
  roles: 'access/roles',
  role_permissions: 'access/roles',
  users: 'identity/users',
  user_grants: 'identity/users',
  user_permissions: 'identity/users',
  user_roles: 'identity/users',
  user_tags: 'identity/users',
  attempts: 'identity/passwords',
  known_sources: 'identity/passwords',
  authenticators: 'identity/second-factors',
  enrolments: 'identity/second-factors',
  sessions: 'identity/sign-in',
  session_proofs: 'identity/sign-in',
  tokens: 'identity/tokens',
  authorities: 'certificates/authorities',
  authority_usernames: 'certificates/authorities',
  authority_confirmations: 'certificates/authorities',
  client_certificates: 'certificates/issued',
  seen_certificates: 'certificates/seen',
  seen_chains: 'certificates/seen',
  revocations: 'certificates/revocations',
  revocation_lists: 'certificates/crls',
  decisions: 'brokers/decisions',
  decision_totals: 'brokers/decisions',
  decisions_left_out: 'brokers/decisions',
}

interface AllowedRead {
  /** A file or a folder below apps/bff/src. */
  by: string
  tables: (keyof Schema)[]
  /** Why the owner's store cannot answer it. */
  because: string
}

/** Reads of other features' tables that one statement needs. There is no such list for writes. */
const allowedReads: AllowedRead[] = [
  {
    by: 'identity/users',
    tables: ['roles', 'role_permissions'],
    because: 'the rights of a user, and a page of users with the names of their roles, are one statement each',
  },
  {
    by: 'access/roles',
    tables: ['user_roles'],
    because: 'a page of roles counts the holders of all its roles in one statement',
  },
  {
    by: 'access/permissions',
    tables: ['roles', 'role_permissions', 'users', 'user_permissions'],
    because: 'the list of permissions is a walk over two indexes, one of roles and one of users',
  },
  {
    by: 'certificates/issued',
    tables: ['seen_certificates', 'revocations', 'users'],
    because: 'one list has issued and seen certificates with their revocations, filtered and sorted together',
  },
  {
    by: 'certificates/seen',
    tables: ['revocations', 'users', 'user_grants'],
    because: 'a page of the users who signed in through an authority leaves out those who no longer can',
  },
  {
    by: 'certificates/trust',
    tables: ['authorities', 'authority_usernames', 'authority_confirmations', 'revocations', 'revocation_lists'],
    because: 'the broker reads its facts with statements that are prepared once, on a connection of its own',
  },
  {
    by: 'certificates/trust',
    tables: ['settings', 'users', 'user_grants', 'user_roles', 'user_identities', 'identity_providers'],
    because: 'a CONNECT reads all facts about a user in one statement',
  },
  {
    by: 'brokers/admission/prepared-store.ts',
    tables: ['users'],
    because: 'the broker reads what is known about a name with one prepared statement',
  },
  {
    by: 'identity/sign-in/store.ts',
    tables: ['user_identities', 'identity_providers'],
    because: 'each request reads its session, with the provider that it began at',
  },
  {
    by: 'identity/identities/store.ts',
    tables: ['identity_providers'],
    because: 'a linked identity is shown with its provider',
  },
  {
    by: 'identity/identities/origin-sign-in-store.ts',
    tables: ['identity_providers', 'users', 'tokens'],
    because: 'each request of a user of a provider reads whether it is disabled, and how long a sign-in there counts',
  },
  {
    by: 'identity/tokens/store.ts',
    tables: ['user_identities'],
    because: 'the preview of a disabled provider counts the tokens of its users in one statement',
  },
  {
    by: 'identity/users/credentials-store.ts',
    tables: ['authenticators'],
    because: 'a sign-in reads its user twice, and each statement costs time beside the password',
  },
]

const source = 'apps/bff/src/'

/** One line for each table and file, such as `apps/bff/src/access/roles/store.ts reads users: identity/users owns it`. */
export function ownershipBreaches(files: SourceFile[]): string[] {
  const breaches = files
    .filter((file) => isShipped(file) && !file.path.startsWith(`${source}platform/db/`))
    .flatMap(({ path, tables }) =>
      tables.flatMap(({ table, kind }) => {
        if (table === null) return `${path} ${kind} a table whose name is computed`
        const owner = tableOwners[table as keyof Schema]
        const isOwn = path.startsWith(`${source}${owner}/`)
        return isOwn || (kind === 'reads' && isAllowed(path, table)) ? [] : `${path} ${kind} ${table}: ${owner} owns it`
      }),
    )
  return [...new Set(breaches)].toSorted()
}

function isAllowed(path: string, table: string): boolean {
  return allowedReads.some(
    ({ by, tables }) => `${path}/`.startsWith(`${source}${by}/`) && tables.some((name) => name === table),
  )
}

/** Allowed reads that no statement needs any more. */
export function unusedReads(files: SourceFile[]): string[] {
  return allowedReads.flatMap(({ by, tables }) => {
    const folder = `${source}${by}/`
    const read = files.filter(({ path }) => `${path}/`.startsWith(folder)).flatMap((file) => file.tables)
    return tables
      .filter((name) => !read.some(({ table }) => table === name))
      .map((name) => `${by} does not read ${name}`)
  })
}
