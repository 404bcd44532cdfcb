/** Each table belongs to one feature. Only its stores read and write the table; other features call these stores. */
import type { Schema } from '../src/platform/db/schema.ts'
import { isShipped } from './boundary-rules.ts'
import type { SourceFile } from './source-files.ts'

/** Every table and the folder that owns it. A new table does not compile until it has an owner. */
export const tableOwners: Record<keyof Schema, string> = {
  access_changes: 'platform/changes',
  access_changes_pruned: 'platform/changes',
  activity: 'platform/audit',
  audit_events: 'platform/audit',
  audit_retention: 'platform/audit',
  installation: 'platform/db',
  settings: 'platform/policies',
  totals: 'identity/users',
  roles: 'access/roles',
  role_permissions: 'access/roles',
  users: 'identity/users',
  user_grants: 'identity/users',
  user_permissions: 'identity/users',
  user_roles: 'identity/users',
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
}

interface AllowedRead {
  /** A file or a folder below apps/bff/src. */
  by: string
  tables: (keyof Schema)[]
  /** Why the owner's store cannot answer it. */
  because: string
}

/** Reads of other features' tables that one statement needs. There is no such list for writes. */
const allowedReads: AllowedRead[] = []

/** Breaches from before this rule. Their statements move to the owners' stores; nothing is added here. */
const notYetMoved: string[] = [
  'access/permissions/access-store.ts reads role_permissions: access/roles owns it',
  'access/permissions/access-store.ts reads roles: access/roles owns it',
  'access/permissions/access-store.ts reads user_permissions: identity/users owns it',
  'access/permissions/access-store.ts reads user_roles: identity/users owns it',
  'access/permissions/access-store.ts reads users: identity/users owns it',
  'access/permissions/holders-store.ts reads a table whose name is computed',
  'access/permissions/holders-store.ts reads roles: access/roles owns it',
  'access/permissions/holders-store.ts reads users: identity/users owns it',
  'access/permissions/store.ts reads a table whose name is computed',
  'access/roles/holders-store.ts reads user_permissions: identity/users owns it',
  'access/roles/holders-store.ts reads user_roles: identity/users owns it',
  'access/roles/holders-store.ts reads users: identity/users owns it',
  'access/roles/holders-store.ts writes user_roles: identity/users owns it',
  'access/roles/store.ts reads user_grants: identity/users owns it',
  'access/roles/store.ts reads user_permissions: identity/users owns it',
  'access/roles/store.ts reads user_roles: identity/users owns it',
  'access/roles/store.ts reads users: identity/users owns it',
  'certificates/authorities/confirmations-store.ts reads user_grants: identity/users owns it',
  'certificates/authorities/confirmations-store.ts reads user_roles: identity/users owns it',
  'certificates/authorities/confirmations-store.ts reads users: identity/users owns it',
  'certificates/authorities/matching-users-store.ts reads users: identity/users owns it',
  'certificates/built-in-authority/store.ts reads authorities: certificates/authorities owns it',
  'certificates/built-in-authority/store.ts reads installation: platform/db owns it',
  'certificates/built-in-authority/store.ts writes installation: platform/db owns it',
  'certificates/issued/store.ts reads revocations: certificates/revocations owns it',
  'certificates/issued/store.ts reads seen_certificates: certificates/seen owns it',
  'certificates/issued/store.ts reads users: identity/users owns it',
  'certificates/revocations/store.ts reads authorities: certificates/authorities owns it',
  'certificates/seen/last-admitted-store.ts reads revocations: certificates/revocations owns it',
  'certificates/seen/last-admitted-store.ts reads user_grants: identity/users owns it',
  'certificates/seen/last-admitted-store.ts reads users: identity/users owns it',
  'certificates/trust/anchor-store.ts reads authorities: certificates/authorities owns it',
  'certificates/trust/anchor-store.ts reads authority_usernames: certificates/authorities owns it',
  'certificates/trust/anchor-store.ts reads role_permissions: access/roles owns it',
  'certificates/trust/anchor-store.ts reads user_permissions: identity/users owns it',
  'certificates/trust/anchor-store.ts reads user_roles: identity/users owns it',
  'certificates/trust/anchor-store.ts reads users: identity/users owns it',
  'certificates/trust/store.ts reads revocation_lists: certificates/crls owns it',
  'certificates/trust/store.ts reads revocations: certificates/revocations owns it',
  'certificates/trust/store.ts reads settings: platform/policies owns it',
  'certificates/trust/user-facts-store.ts reads authority_confirmations: certificates/authorities owns it',
  'certificates/trust/user-facts-store.ts reads user_grants: identity/users owns it',
  'certificates/trust/user-facts-store.ts reads user_roles: identity/users owns it',
  'certificates/trust/user-facts-store.ts reads users: identity/users owns it',
  'identity/second-factors/data-key-store.ts reads installation: platform/db owns it',
  'identity/second-factors/data-key-store.ts writes installation: platform/db owns it',
  'identity/users/store.ts reads roles: access/roles owns it',
  'identity/users/store.ts reads sessions: identity/sign-in owns it',
  'identity/users/store.ts reads tokens: identity/tokens owns it',
  'operations/overview/authority-ends-store.ts reads authorities: certificates/authorities owns it',
  'readiness.ts reads totals: identity/users owns it',
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
  const known = new Set(notYetMoved.map((line) => `${source}${line}`))
  return [...new Set(breaches)].filter((line) => !known.has(line)).toSorted()
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
