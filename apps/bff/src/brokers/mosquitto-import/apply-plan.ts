/** Writes a plan, all or nothing. */
import { coversAll } from '@gatehouse/contract/access/permission'
import { type AuthorityLimitsPort, nothingSeen } from '../../access/roles/authority-limits-port.ts'
import { insertNewRole, newRole } from '../../access/roles/service.ts'
import { findRoles } from '../../access/roles/store.ts'
import { listLimited } from '../../certificates/authorities/confirmations-store.ts'
import { requireAuthority, trustInspected } from '../../certificates/authorities/service.ts'
import { storeList } from '../../certificates/crls/service.ts'
import { requireRevocationRight } from '../../certificates/revocations/revocation-rights.ts'
import { hashForeign } from '../../identity/passwords/hashing.ts'
import { insertInSlices } from '../../identity/user-import/batch.ts'
import type { NewUser } from '../../identity/users/insert-store.ts'
import { newUser } from '../../identity/users/service.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { orTaken } from '../../platform/base/conflict.ts'
import { Problem } from '../../platform/base/problem.ts'
import { appendChanges, type Change } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { DraftUser } from './draft.ts'
import type { Importer } from './importer.ts'
import { obstaclesFor, type Plan } from './plan.ts'

export interface ApplyContext {
  db: Db
  clock: Clock
  vouching: AuthorityLimitsPort
}

export interface Created {
  users: number
  roles: number
  authorities: number
  crls: number
}

/** Leaves threads for sign-ins meanwhile. */
const hashedAtOnce = 2

/**
 * Hashes the foreign hashes again, in the order of the users; null for a user without one.
 *
 * @param progress Called after each slice with the number so far. Returns false to stop; the result is then null.
 */
export async function hashPasswords(
  users: readonly DraftUser[],
  progress: (hashed: number) => boolean,
): Promise<(string | null)[] | null> {
  const hashes: (string | null)[] = []
  let hashed = 0
  for (let at = 0; at < users.length; at += hashedAtOnce) {
    const slice = users.slice(at, at + hashedAtOnce)
    hashes.push(...(await Promise.all(slice.map(async ({ hash }) => (hash ? hashForeign(hash) : null)))))
    hashed += slice.filter(({ hash }) => hash).length
    if (!progress(hashed)) return null
  }
  return hashes
}

export interface Written {
  created: Created
  sequences: number[]
}

/** @param hashes Of `hashPasswords`. */
export async function writePlan(
  context: ApplyContext,
  { plan, hashes, importer }: { plan: Plan; hashes: readonly (string | null)[]; importer: Importer },
): Promise<Written> {
  const writing = context.db.transaction().execute((trx) => write(trx, context, { plan, hashes, importer }))
  try {
    return await orTaken(writing, () => new Problem('import_changed'))
  } catch (error) {
    // Since the plan was made, a role or user of that name was created, or a newer CRL was uploaded.
    const isOutdated = error instanceof Problem && ['name_taken', 'crl_older', 'not_found'].includes(error.code)
    throw isOutdated ? new Problem('import_changed') : error
  }
}

async function write(
  trx: Trx,
  { clock, vouching }: ApplyContext,
  { plan, hashes, importer }: { plan: Plan; hashes: readonly (string | null)[]; importer: Importer },
): Promise<Written> {
  const { actor, caller, request } = importer
  await importer.requireStillHeld(trx)
  const [obstacle] = obstaclesFor(plan, caller.permissions)
  if (obstacle) throw new Problem(obstacle.code === 'nothing_to_import' ? 'import_empty' : obstacle.code)
  const trusted = await writeTrust(trx, clock, { plan, importer })
  const roleIds = await writeRoles(trx, clock, { plan, importer })
  const users = plan.users.map((user, at) => toNewUser(user, { clock, hash: hashes[at] ?? null, roleIds }))
  const names = new Map([...roleIds].map(([name, id]) => [id, name]))
  await insertInSlices(trx, clock, { users, names, actor })
  // A CA certificate with a limit does not identify a new user beyond the rights of the person who limited it. Edit User says so.
  const decline = (await listLimited(trx)).map(({ fingerprint }) => fingerprint)
  const concerned = { users: users.map(({ id }) => id) }
  await vouching.settle(trx, { concerned, before: nothingSeen, answered: { decline }, caller, request })
  const created = {
    users: users.length,
    roles: plan.roles.filter(({ existing }) => !existing).length,
    ...trusted.created,
  }
  await recordEvent(trx, clock, {
    action: 'mosquitto.imported',
    actor,
    target: { type: 'installation', id: 'installation', name: 'Installation' },
    after: { ...created, lost: plan.findings.list().filter(({ weight }) => weight === 'lost').length },
  })
  const news: Change[] =
    users.length > 0 ? [...trusted.changes, { kind: 'user', ids: concerned.users }] : trusted.changes
  return { created, sequences: await appendChanges(trx, clock, news) }
}

interface Writing {
  plan: Plan
  importer: Importer
}

async function writeTrust(trx: Trx, clock: Clock, { plan, importer }: Writing) {
  const { caller, actor } = importer
  const { inspected, lists } = plan.trust
  const upload = { name: undefined, usernames: [] }
  const stored = inspected.length > 0 ? await trustInspected(trx, clock, { inspected, upload, caller, actor }) : []
  const keys: string[] = []
  for (const { list, fingerprint } of lists) {
    const authority = await requireAuthority(trx, fingerprint)
    const { keyFingerprint: issuerKey } = authority.certificate
    await requireRevocationRight(trx, caller, { username: null, issuerKey, serialNumber: null, evidence: 'signature' })
    const { isNew } = await storeList(trx, clock, { list, authority, caller, actor })
    if (isNew) keys.push(issuerKey)
  }
  const fingerprints = stored.map(({ certificate }) => certificate.fingerprint)
  const changes: Change[] = []
  if (fingerprints.length > 0) changes.push({ kind: 'authority', ids: fingerprints })
  if (keys.length > 0) changes.push({ kind: 'crl', ids: keys })
  return { created: { authorities: fingerprints.length, crls: keys.length }, changes }
}

/** Returns the ids by name, of the new roles and of those that exist. */
async function writeRoles(trx: Trx, clock: Clock, { plan, importer }: Writing): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  await requireUnchanged(trx, plan)
  for (const { name, description, permissions, existing } of plan.roles) {
    const made = newRole({ name, description, permissions }, clock)
    if (!existing) await insertNewRole(trx, clock, { made, actor: importer.actor })
    ids.set(name, existing?.id ?? made.id)
  }
  return ids
}

/** Throws `import_changed` if a role that the plan gives was changed or deleted since. */
async function requireUnchanged(trx: Trx, { roles }: Plan): Promise<void> {
  const planned = roles.flatMap(({ existing }) => existing ?? [])
  const now = new Map(
    (
      await findRoles(
        trx,
        planned.map(({ id }) => id),
      )
    ).map((role) => [role.id, role.permissions]),
  )
  const isSame = planned.every(({ id, permissions }) => {
    const permitted = now.get(id)
    return permitted !== undefined && coversAll(permitted, permissions) && coversAll(permissions, permitted)
  })
  if (!isSame) throw new Problem('import_changed')
}

function toNewUser(
  user: DraftUser,
  { clock, hash, roleIds }: { clock: Clock; hash: string | null; roleIds: ReadonlyMap<string, string> },
): NewUser {
  const { username, displayName, permissions, tags } = user
  const grantTypes = [
    ...(hash ? [{ method: 'password' as const, isRequired: false }] : []),
    ...(user.hasCertificateGrant ? [{ method: 'certificate' as const, isRequired: false }] : []),
  ]
  const roles = user.roles.flatMap((name) => roleIds.get(name) ?? [])
  const body = {
    username,
    displayName,
    kind: 'machine' as const,
    identityProvider: 'local',
    grantTypes,
    roles,
    permissions,
    tags,
    mfaRequired: false,
  }
  return {
    ...newUser(body, clock, hash),
    importedIterations: user.hash?.iterations ?? null,
    disabledAt: user.disabled ? timestamp(clock) : null,
  }
}
