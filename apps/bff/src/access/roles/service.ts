import { coversAll, holds, type Permission } from '@gatehouse/contract/access/permission'
import { type Role, type RoleCreate, type RoleImpact, type RoleUpdate, roles } from '@gatehouse/contract/access/roles'
import type { Answered } from '@gatehouse/contract/certificates/confirmations'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { orTaken, requireVersion } from '../../platform/base/conflict.ts'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Enforcement, Enforcers } from '../../platform/changes/enforcers.ts'
import { appendChanges, type Change, trustChange } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type By, type Caller } from '../../platform/http/request.ts'
import type { AuthorityLimitsPort } from './authority-limits-port.ts'
import type { RoleHolders } from './holders-port.ts'
import { requireCover, requireEverything, requireHeld } from './limits.ts'
import type { RoleMappings } from './mappings-port.ts'
import { deleteRole, findRole, insertRole, updateRole } from './store.ts'

/** The change log names the holders of a deleted role up to this many. Beyond that, brokers review all users. */
const mostNamed = 1_000

export interface RolesContext {
  db: Db
  reader: Db
  clock: Clock
  enforcers: Enforcers
  vouching: AuthorityLimitsPort
  holders: RoleHolders
  mappings: RoleMappings
  /** The connections that would end if the role had these permissions; null: if it were deleted. */
  impactOnHolders(
    roleId: string,
    after: readonly Permission[] | null,
  ): Promise<Pick<RoleImpact, 'connections' | 'connectionsByBroker'>>
  /** Throws `not_permitted` if the caller has lost a right since the request was authorised. */
  requireStillHeld(trx: Trx, caller: Caller): Promise<void>
  /** Throws `last_admin` if the change left no administrator. */
  requireAdministrator(trx: Trx): Promise<void>
  /** Takes a deleted role out of the policies, within the transaction. */
  forgetRole(trx: Trx, of: By & { roleId: string }): Promise<void>
}

export async function createRole(
  { db, clock, requireStillHeld }: RolesContext,
  body: Parsed<typeof roles.create>['body'],
  { caller, request }: By,
): Promise<Role> {
  requireHeld(caller.permissions, body.permissions)
  const made = newRole(body, clock)
  return db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    return insertNewRole(trx, clock, { made, actor: actorOf(caller, request) })
  })
}

/** Inserts a role with its event. Throws `name_taken`. The caller has checked all rights. */
export async function insertNewRole(
  trx: Trx,
  clock: Clock,
  { made, actor }: { made: Omit<Role, 'userCount'>; actor: Actor },
): Promise<Role> {
  await orTaken(insertRole(trx, made), nameTaken)
  const role = await readBack(trx, made.id)
  const target = auditTarget.role(role)
  await recordEvent(trx, clock, { action: 'role.created', actor, target, after: auditFactsOf(role) })
  return role
}

export async function updateRoleBy(
  context: RolesContext,
  { id, changes, caller, request }: By & { id: string; changes: Parsed<typeof roles.update>['body'] },
): Promise<Answer<typeof roles.update>> {
  const { db, clock, enforcers, vouching } = context
  const { role, sequences } = await db.transaction().execute(async (trx) => {
    const before = await requireChangeable(context, trx, { id, caller, request })
    const changed = applied(before, changes)
    requireHeld(caller.permissions, changed.permissions)
    await requireMayWiden(context, trx, { before, changed, caller })
    // Removing a permission from the role takes it from all holders, like a deletion.
    if (!coversAll(changed.permissions, before.permissions)) {
      await requireCoverOfHolders(context, trx, { id, caller })
    }
    const concerned = { holdersOf: id, permissions: [...before.permissions, ...changed.permissions] }
    const seen = await vouching.look(trx, concerned)
    await orTaken(updateRole(trx, changed), nameTaken)
    await context.requireAdministrator(trx)
    const settled = await vouching.settle(trx, {
      concerned,
      before: seen,
      answered: changes,
      caller,
      request,
    })
    const after = await readBack(trx, id)
    await recordEvent(trx, clock, {
      action: 'role.updated',
      actor: actorOf(caller, request),
      target: auditTarget.role(after),
      before: auditFactsOf(before),
      after: auditFactsOf(after),
    })
    // The console sends the permissions with every change. The holders are reviewed only if their rights have changed.
    const news: Change[] = areEqual(before.permissions, changed.permissions) ? [] : [{ kind: 'role', ids: [id] }]
    if (settled.concernsTrust) news.push(trustChange)
    return { role: after, sequences: await appendChanges(trx, clock, news) }
  })
  return { ...role, ...(await enforcers.waitFor(sequences)) }
}

export async function removeRole(
  context: RolesContext,
  { id, detach, answered, caller, request }: By & { id: string; detach: boolean; answered: Answered },
): Promise<Enforcement> {
  const { db, clock, enforcers, vouching, holders, mappings, forgetRole } = context
  const sequences = await db.transaction().execute(async (trx) => {
    const role = await requireChangeable(context, trx, { id, caller, request })
    const mapped = await mappings.listMappings(trx, id)
    const facts = { users: role.userCount, mappings: mapped.length }
    if (!detach && (facts.users > 0 || facts.mappings > 0)) throw new Problem('role_in_use', { facts })
    await requireCoverOfHolders(context, trx, { id, caller })
    // Read before the role is removed from them, because afterwards nothing says who held it.
    const lost = await holders.listIds(trx, id, mostNamed + 1)
    const losing = { holdersOf: id, permissions: role.permissions }
    const before = await vouching.look(trx, losing)
    await holders.removeRoleFromAll(trx, id)
    await mappings.removeMappings(trx, id)
    await deleteRole(trx, id)
    const settled = await vouching.settle(trx, { concerned: losing, before, answered, caller, request })
    await forgetRole(trx, { roleId: id, caller, request })
    await context.requireAdministrator(trx)
    await recordEvent(trx, clock, {
      action: 'role.deleted',
      actor: actorOf(caller, request),
      target: auditTarget.role(role),
      before: {
        ...auditFactsOf(role),
        users: role.userCount,
        ...(mapped.length > 0 && { mappings: mapped.map(({ provider, source }) => `${provider}: ${source}`) }),
      },
    })
    const ids = lost.length > mostNamed ? null : lost
    return appendChanges(trx, clock, [{ kind: 'user', ids }, ...(settled.concernsTrust ? [trustChange] : [])])
  })
  return enforcers.waitFor(sequences)
}

/** A mapped role with rights in the console needs an administrator, also when it gets them later. */
async function requireMayWiden(
  { mappings }: RolesContext,
  trx: Trx,
  { before, changed, caller }: { before: Role; changed: Omit<Role, 'userCount'>; caller: Caller },
): Promise<void> {
  const gained = changed.permissions.filter((permission) => !holds(before.permissions, permission))
  if (!gained.some(({ context }) => context === 'http')) return
  if ((await mappings.listMappings(trx, before.id)).length > 0) requireEverything(caller.permissions)
}

/** Returns the role if the caller may change it: it is not built in, not above the caller, and the caller has seen this version. */
async function requireChangeable(
  { requireStillHeld }: RolesContext,
  trx: Trx,
  { id, caller, request }: By & { id: string },
): Promise<Role> {
  await requireStillHeld(trx, caller)
  const role = await findRole(trx, id)
  if (!role) throw new Problem('not_found')
  if (role.builtIn) throw new Problem('built_in')
  requireVersion(request.ifMatch, role.version)
  requireCover(caller.permissions, role.permissions)
  return role
}

/** Throws `above_caller` if a holder of the role may do more than the caller: taking the role away changes that user. */
async function requireCoverOfHolders(
  { holders }: RolesContext,
  trx: Trx,
  { id, caller }: { id: string; caller: Caller },
): Promise<void> {
  for await (const existing of holders.listPermissions(trx, id)) requireCover(caller.permissions, existing)
}

/** The role as the database has it now. */
async function readBack(trx: Trx, id: string): Promise<Role> {
  const role = await findRole(trx, id)
  if (!role) throw new Error('A role that was just written is not there')
  return role
}

export function newRole({ name, description, permissions = [] }: RoleCreate, clock: Clock): Omit<Role, 'userCount'> {
  return {
    id: newId(clock.now()),
    name,
    description: description ?? null,
    builtIn: false,
    permissions,
    createdAt: timestamp(clock),
    version: 1,
  }
}

/** Both lists allow the same, although they may be written differently. */
function areEqual(some: readonly Permission[], others: readonly Permission[]): boolean {
  return coversAll(some, others) && coversAll(others, some)
}

function applied(role: Role, { name, description, permissions }: RoleUpdate): Role {
  return {
    ...role,
    name: name ?? role.name,
    description: description === undefined ? role.description : description,
    permissions: permissions ?? role.permissions,
    version: role.version + 1,
  }
}

function nameTaken(): Problem {
  return new Problem('name_taken', { fields: { name: 'name_taken' } })
}

function auditFactsOf({ name, description, permissions }: Pick<Role, 'name' | 'description' | 'permissions'>) {
  return { name, description, permissions }
}
