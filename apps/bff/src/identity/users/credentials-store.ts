/** What a sign-in has to know of a user, in one statement: statements are most of what a sign-in costs beside the hash. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { User } from '@gatehouse/contract/identity/users'
import { type RawBuilder, type Selectable, sql } from 'kysely'
import { compileOnce, type Take } from '../../platform/db/compile-once.ts'
import { jsonRows } from '../../platform/db/dialect.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'
import { type PoliciesColumns, policiesColumns, policiesOf } from '../../platform/policies/columns-store.ts'
import { originDisabledAt } from '../identities/origin-sign-in-store.ts'
import { isFactorDemanded } from '../second-factors/demand.ts'
import type { HeldKind } from '../second-factors/kinds.ts'
import { isPasswordOff } from './password-off.ts'
import { userRights } from './rights-sql-store.ts'

type UserRow = Selectable<Schema['users']>
type Grant = User['grantTypes'][number]

export type Credentials = NonNullable<ReturnType<typeof credentialsFrom>>

/** The username is compared exactly. */
export async function findCredentials(db: Db, username: string) {
  // No username has this character, and PostgreSQL rejects it in a text.
  if (username.includes('\0')) return null
  return credentialsFrom(await selectByName(db, username))
}

export async function findCredentialsById(db: Db, id: string) {
  return credentialsFrom(await selectById(db, id))
}

const selectByName = compileOnce((db, take: Take<string>) => {
  const [folded, exact] = [take((name) => name.toLowerCase()), take((name) => name)]
  return selectUser(db, sql`username_folded = ${folded} and username = ${exact}`)
})

const selectById = compileOnce((db, take: Take<string>) => selectUser(db, sql`id = ${take((id) => id)}`))

/** The user with all that belongs to it, and the policies in force. */
function selectUser(db: Db, isAskedFor: RawBuilder<unknown>): RawBuilder<CredentialsRow> {
  return sql`
    select users.*, ${policiesColumns}, ${originDisabledAt} as closed_at,
      (select ${jsonRows(db, ['method', 'is_required'], 'method')} from user_grants where user_id = users.id) as grant_rows,
      (select ${jsonRows(db, ['roles.id', 'roles.name'], 'roles.name_folded')} from user_roles
        join roles on roles.id = user_roles.role_id where user_id = users.id) as role_rows,
      (select ${jsonRows(db, permissionColumns, ...permissionColumns)} from (
        ${sql.raw(userRights('users.id'))}) as held) as permission_rows,
      (select ${jsonRows(db, ['kind', 'since'], 'kind')} from (
        select kind, min(created_at) as since from authenticators where user_id = users.id group by kind
      ) as held) as authenticator_rows
    from users where ${isAskedFor}`
}

function credentialsFrom([found]: readonly CredentialsRow[]) {
  if (!found) return null
  const {
    grant_rows,
    role_rows,
    permission_rows,
    authenticator_rows,
    policies_text,
    policies_version,
    closed_at,
    ...row
  } = found
  const grants = parseRows<[Grant['method'], 0 | 1]>(grant_rows).map(([method, is]) => ({
    method,
    isRequired: is === 1,
  }))
  const roles = parseRows<[id: string, name: string]>(role_rows)
  const permissions = parseRows<[Permission['context'], string, Permission['operation']]>(permission_rows).map(
    ([context, resource, operation]) => ({ context, resource, operation }),
  )
  const authenticators = parseRows<[HeldKind['kind'], string]>(authenticator_rows).map(([kind, since]) => ({
    kind,
    since,
  }))
  const policies = policiesOf({ policies_text, policies_version })
  const facts = { isRequired: row.mfa_required_at !== null, grants, roleIds: roles.map(([id]) => id) }
  return {
    ...row,
    // A user signs in nowhere while its provider is disabled.
    disabled_at: row.disabled_at ?? closed_at,
    grants,
    roleNames: roles.map(([, name]) => name),
    permissions,
    authenticators,
    policies,
    isFactorDemanded: isFactorDemanded(policies.mfa, facts),
    isPasswordOff: isPasswordOff(policies, { ...row, permissions }),
  }
}

const permissionColumns = ['context', 'resource', 'operation'] as const

interface CredentialsRow extends UserRow, PoliciesColumns {
  closed_at: string | null
  grant_rows: string
  role_rows: string
  permission_rows: string
  authenticator_rows: string
}

function parseRows<Row>(text: string): Row[] {
  return JSON.parse(text) as Row[]
}
