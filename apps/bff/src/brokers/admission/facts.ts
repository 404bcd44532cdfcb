/** Reads what `access/decision` needs about admission rules. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { AdmissionFacts, AdmissionRule } from '../../access/decision/admission.ts'
import { findRoles } from '../../access/roles/store.ts'
import { findCredentialsById } from '../../identity/users/credentials-store.ts'
import { type NamedUser, usersNamed } from '../../identity/users/lookup-store.ts'
import type { Db } from '../../platform/db/open.ts'
import { isDenied } from './denied-store.ts'
import { hourFullUntil, listRules, type RuleRecord } from './store.ts'

/** The rules that are on, with the facts of this moment. */
export async function readRules(db: Db, now: Date): Promise<AdmissionRule[]> {
  const records = await listRules(db)
  return describeRules(
    db,
    records.filter(({ enabledAt }) => enabledAt !== null),
    now,
  )
}

/** The rules with the facts about their roles, their authors and their limits. */
export async function describeRules(db: Db, records: readonly RuleRecord[], now: Date): Promise<AdmissionRule[]> {
  const roles = await findRoles(db, [...new Set(records.flatMap((record) => record.roles))])
  const byRole = new Map(roles.map(({ id, permissions }) => [id, permissions]))
  const byAuthor = await readAuthors(db, [...new Set(records.map(({ authorId }) => authorId))])
  const rules: AdmissionRule[] = []
  for (const record of records) {
    const { id, name, authority, usernames } = record
    rules.push({
      id,
      name,
      authority,
      usernames,
      roles: record.roles,
      permissions: permissionsOfAll(record.roles, byRole),
      authorPermissions: byAuthor.get(record.authorId) ?? null,
      isFull: record.admitted >= record.maxTotal,
      hourFullUntil: await hourFullUntil(db, record, now),
    })
  }
  return rules
}

/** What decides about a device of this name, and the user who has the name exactly. */
export async function readFacts(
  db: Db,
  username: string,
  now: Date,
): Promise<{ facts: AdmissionFacts; user: NamedUser | null }> {
  const named = await usersNamed(db, [username])
  const user = named.find((each) => each.username === username) ?? null
  const facts: AdmissionFacts = {
    isDenied: await isDenied(db, username),
    isTaken: named.length > 0,
    rules: await readRules(db, now),
    at: now,
  }
  return { facts, user }
}

/** Null: one of the roles was deleted. */
function permissionsOfAll(
  roles: readonly string[],
  byRole: ReadonlyMap<string, readonly Permission[]>,
): readonly Permission[] | null {
  if (roles.some((id) => !byRole.has(id))) return null
  return roles.flatMap((id) => byRole.get(id) ?? [])
}

/** The permissions of the authors who exist and are enabled. While its identity provider is disabled, an author is disabled too. */
async function readAuthors(db: Db, ids: readonly string[]): Promise<Map<string, Permission[]>> {
  const byAuthor = new Map<string, Permission[]>()
  for (const id of ids) {
    const author = await findCredentialsById(db, id)
    if (author?.disabled_at === null) byAuthor.set(id, author.permissions)
  }
  return byAuthor
}
