/** A draft, completed by what the installation has: which users, roles and CA certificates exist, and what the caller may give. */
import { createHash } from 'node:crypto'
import { everything, holds, type Permission } from '@gatehouse/contract/access/permission'
import type { MosquittoPreview } from '@gatehouse/contract/brokers/mosquitto-import'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { findRolesNamed, type RoleRights } from '../../access/roles/store.ts'
import { takenAmong } from '../../identity/users/store.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Draft, DraftRole, DraftUser } from './draft.ts'
import { planTrust, type TrustPlan } from './plan-trust.ts'
import { requireUsers } from './user-rules.ts'

export interface PlannedRole extends DraftRole {
  /** The role that exists with this name and these permissions; null: it is created. */
  existing: RoleRights | null
  users: number
}

export interface Plan {
  /** Those that are created. */
  users: DraftUser[]
  existingUsers: number
  roles: PlannedRole[]
  trust: TrustPlan
  findings: Draft['findings']
}

/** Users whose names are looked up in one statement. */
const namesAtOnce = 500

export async function makePlan({ reader, clock }: { reader: Db; clock: Clock }, draft: Draft): Promise<Plan> {
  const wellFormed = requireUsers(draft)
  const taken = await findTaken(reader, wellFormed)
  const users = wellFormed.filter((user) => {
    const exists = taken.has(user.username.toLowerCase())
    if (exists) draft.findings.add('username_exists', user.place, user.username)
    return !exists
  })
  const roles = await planRoles(reader, draft, users)
  const trust = await planTrust({ reader, clock }, draft)
  return { users, existingUsers: wellFormed.length - users.length, roles, trust, findings: draft.findings }
}

async function findTaken(reader: Db, users: readonly DraftUser[]): Promise<Set<string>> {
  const taken = new Set<string>()
  for (let at = 0; at < users.length; at += namesAtOnce) {
    const names = users.slice(at, at + namesAtOnce).map(({ username }) => username)
    for (const name of await takenAmong(reader, names)) taken.add(name)
  }
  return taken
}

/** Only roles that a new user gets. A role that exists with the same permissions is given; another one gets a new name. */
async function planRoles(reader: Db, draft: Draft, users: DraftUser[]): Promise<PlannedRole[]> {
  const holders = new Map<string, number>()
  for (const name of users.flatMap(({ roles }) => roles)) holders.set(name, (holders.get(name) ?? 0) + 1)
  const existing = new Map(
    (await findRolesNamed(reader, [...draft.roles.keys()])).map((role) => [role.name.toLowerCase(), role]),
  )
  const renamed = new Map<string, string>()
  const planned: PlannedRole[] = []
  for (const role of draft.roles.values()) {
    const number = holders.get(role.name)
    if (number === undefined) continue
    const there = existing.get(role.name.toLowerCase())
    const isSame = there !== undefined && areEqual(there.permissions, role.permissions)
    const name = there && !isSame ? await freeName(reader, role.name, draft.roles) : role.name
    if (name !== role.name) renamed.set(role.name, name)
    planned.push({ ...role, name, existing: isSame ? there : null, users: number })
  }
  if (renamed.size > 0) for (const user of users) user.roles = user.roles.map((name) => renamed.get(name) ?? name)
  return planned
}

async function freeName(reader: Db, name: string, ofDraft: ReadonlyMap<string, unknown>): Promise<string> {
  for (let n = 2; ; n++) {
    const tried = `${name.slice(0, 60).trimEnd()} ${n}`
    if (!ofDraft.has(tried) && (await findRolesNamed(reader, [tried])).length === 0) return tried
  }
}

function areEqual(some: readonly Permission[], others: readonly Permission[]): boolean {
  return textOf(some) === textOf(others)
}

function textOf(permissions: readonly Permission[]): string {
  const texts = permissions.map(({ context, operation, resource }) => `${context} ${operation} ${resource}`)
  return texts.toSorted().join('\n')
}

/** Names exactly this plan: the import refuses another one. */
export async function digestOf({ users, roles, trust }: Plan): Promise<string> {
  const hash = createHash('sha256')
  const yieldIfDue = createYielder()
  for (const { place: _place, hash: password, ...user } of users) {
    await yieldIfDue()
    hash.update(JSON.stringify([user, password === null ? null : describeHash(password)]))
  }
  const of = {
    roles,
    authorities: trust.inspected.map(({ certificate }) => certificate.fingerprint),
    crls: trust.lists.map(({ list }) => list.fingerprint),
  }
  return hash.update(JSON.stringify(of)).digest('hex')
}

function describeHash(password: NonNullable<DraftUser['hash']>): string {
  return password.scheme === 'argon2id'
    ? password.phc
    : `${password.iterations} ${password.salt.toString('hex')} ${password.hash.toString('hex')}`
}

type Obstacle = MosquittoPreview['obstacles'][number]

/** Why a caller with these permissions may not import the plan. */
export function obstaclesFor(plan: Plan, held: readonly Permission[]): Obstacle[] {
  const given = [
    ...plan.roles.flatMap(({ permissions }) => permissions),
    ...plan.users.flatMap(({ permissions }) => permissions),
  ]
  const known = new Map<string, boolean>()
  const tooMuch = given.find((permission) => {
    const key = `${permission.operation} ${permission.resource}`
    const isHeld = known.get(key) ?? holds(held, permission)
    known.set(key, isHeld)
    return !isHeld
  })
  const mayTrust = plan.trust.inspected.length === 0 || everything.every((permission) => holds(held, permission))
  const isEmpty = plan.users.length + plan.trust.inspected.length + plan.trust.lists.length === 0
  return [
    ...(isEmpty ? [{ code: 'nothing_to_import' as const, permission: null }] : []),
    ...(tooMuch ? [{ code: 'more_than_held' as const, permission: tooMuch }] : []),
    ...(mayTrust ? [] : [{ code: 'limit_required' as const, permission: null }]),
  ]
}
