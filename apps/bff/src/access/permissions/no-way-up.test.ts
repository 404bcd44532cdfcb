/**
 * The rule as a property: a user of limited rights does anything, in any order, with sessions, tokens and the users that it
 * made. No user ends up with a permission that the caller did not hold. After each call the test reads the rights from the
 * database, without the code that decides.
 */
import { execFileSync } from 'node:child_process'
import type { Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { ApiProblem, type Call, createClient } from '@gatehouse/contract/client'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { isWithin, type Rights, readRights } from '../../../test/rights.ts'

const permission = (text: string): Permission => {
  const [context, operation, resource] = text.split(' ') as [Permission['context'], Permission['operation'], string]
  return { context, operation, resource }
}

const limited = [
  'http readWrite /api/users/#',
  'http readWrite /api/roles/#',
  'http write /api/client-certificates',
  'mqtt readWrite line-3/#',
  'mqtt read line-4/+/state',
].map(permission)

/** Inside these rights, outside of them, and partly both. */
const choices = [
  ...limited,
  ...[
    'mqtt read line-3/press',
    'mqtt write line-3/+/x',
    'mqtt readWrite line-3',
    'mqtt read line-4/press/state',
    'mqtt readWrite line-4/+/state',
    'mqtt read line-4/#',
    'mqtt read #',
    'mqtt read +/press',
    'mqtt read $SYS/#',
    'mqtt write line-4/+/state',
    'mqtt read line-4/+/+',
    'mqtt write line-33/#',
    'http write /api/users',
    'http readWrite /api/users/+',
    'http read /api/#',
    'http write /api/settings',
    'http readWrite /#',
    'http readWrite /api/roles',
  ].map(permission),
]

let app: TestApp
let door: BackDoor
let csr: string
let admin: Call
let strong: { users: string[]; roles: string[] }
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  admin = createClient({ baseUrl: app.url, headers: { Cookie: await door.openSession('admin') } })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null']
  csr = execFileSync('openssl', ['req', '-new', ...key, '-subj', '/CN=x'], { stdio: 'pipe' }).toString()
  strong = await makeStrong()
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]

/** Roles and users with rights that a limited user does not have, some of them in common. */
async function makeStrong(): Promise<World['things']> {
  const made: World['things'] = { users: [], roles: [] }
  for (const [at, given] of [choices.slice(7), [...limited, ...choices.slice(9, 11)], choices.slice(-3)].entries()) {
    const role = await admin(roles.create, { body: { name: `strong-${at}`, permissions: given } })
    const user = await admin(users.create, { body: { username: `strong-${at}`, roles: [role.id], grantTypes } })
    made.roles.push(role.id)
    made.users.push(user.id)
  }
  const out = await admin(users.create, { body: { username: 'shut-out', permissions: choices, grantTypes } })
  await admin(users.update, { params: { id: out.id }, body: { disabled: true } })
  const builtIn = await door.column<string>('select id from roles where built_in = 1')
  return { users: [out.id, ...made.users], roles: [...builtIn, ...made.roles] }
}

interface Caller {
  call: Call
  userId: string
  /** What its token is narrowed to. Null: a session, or a token that is not narrowed. */
  limits: readonly Permission[] | null
}

interface World {
  callers: Caller[]
  things: { users: string[]; roles: string[] }
}

let names = 0
const newName = () => `made-${++names}`

/** A user of limited rights, half of them through a role of its own. */
async function makeWorld(): Promise<World> {
  const role = await admin(roles.create, { body: { name: newName(), permissions: limited.slice(0, 3) } })
  const body = { username: newName(), roles: [role.id], permissions: limited.slice(3), grantTypes }
  const { id } = await admin(users.create, { body })
  // The last ones are chosen most: the user itself, a user whom it may change, and one whom it may not.
  const weak = await admin(users.create, { body: { username: newName(), grantTypes } })
  const found = [...strong.users.slice(0, -1), id, weak.id, ...strong.users.slice(-1)]
  const things = { users: found, roles: [...strong.roles, role.id] }
  return { callers: [await sessionOf(id)], things }
}

async function sessionOf(userId: string): Promise<Caller> {
  const username = await door.value<string>('select username from users where id = ?', userId)
  const call = createClient({ baseUrl: app.url, headers: { Cookie: await door.openSession(username) } })
  return { call, userId, limits: null }
}

const isHeldBy = (rights: Rights, { userId, limits }: Caller, wanted: Permission) =>
  isWithin(rights.get(`user ${userId}`) ?? [], wanted) && (limits === null || isWithin(limits, wanted))

/** How the actions ended. A story in which the server refuses everything would prove nothing. */
const ends = new Set<string>()

interface Step {
  name: string
  caller: number
  /** The resources that the action makes accessible besides what it changes: a user whose password it set, the rights of a token. */
  act(world: World, caller: Caller): Promise<Permission[]>
  [fc.toStringMethod](): string
}

/** Runs the action. Then checks that no user holds a permission that neither the user nor the caller held before. */
async function take(world: World, { name, caller: at, act }: Step): Promise<void> {
  const caller = pick(world.callers, at)
  const before = await readRights(door)
  const taken = await act(world, caller).then(
    (permissions) => {
      ends.add(`${name}: done`)
      return permissions
    },
    (error: unknown) => {
      if (!(error instanceof ApiProblem) || error.code === 'internal') throw error
      ends.add(`${name}: ${error.code}`)
      return []
    },
  )
  const gained = [...(await readRights(door))].flatMap(([holder, held]) =>
    held.filter((one) => !isWithin(before.get(holder) ?? [], one)),
  )
  const tooMuch = [...gained, ...taken].filter((one) => !isHeldBy(before, caller, one))
  expect([name, tooMuch]).toEqual([name, []])
}

const few = { minLength: 1, maxLength: 3 }
/** The caller holds half of what it gives. A story in which the server refuses everything would not get far. */
const given = fc.oneof(
  fc.uniqueArray(fc.constantFrom(...limited), few),
  fc.uniqueArray(fc.constantFrom(...choices), few),
)
/** Mostly one of the newest, so that the story changes and uses what it just made. */
const index = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 2 }) }, fc.nat({ max: 1_000 }))
const pick = <T>(list: readonly T[], at: number): T => list[list.length - 1 - (at % list.length)] as T

function step<Input>(
  name: string,
  input: fc.Arbitrary<Input>,
  act: (from: Input & World & Caller) => Promise<unknown>,
) {
  return fc.tuple(index, input).map(([caller, chosen]): Step => {
    const run = async (world: World, by: Caller) => {
      const took = await act({ ...chosen, ...world, ...by })
      return Array.isArray(took) ? (took as Permission[]) : []
    }
    return { name, caller, act: run, [fc.toStringMethod]: () => `${name} by ${caller} ${JSON.stringify(chosen)}` }
  })
}

/** Half of the given permissions come through a role. */
const wanted = fc.record({ target: index, role: fc.option(index), permissions: fc.option(given, { nil: [] }) })
const rolesOf = (things: World['things'], at: number | null) => (at === null ? [] : [pick(things.roles, at)])

const worthOf = async (id: string) => (await readRights(door)).get(`user ${id}`) ?? []

const steps: fc.Arbitrary<Step>[] = [
  step('create a user', wanted, async ({ call, callers, things, role, permissions }) => {
    const body = { username: newName(), roles: rolesOf(things, role), permissions, grantTypes }
    const { id } = await call(users.create, { body })
    things.users.push(id)
    callers.push(await sessionOf(id))
  }),
  step('change a user', wanted, async ({ call, things, target, role, permissions }) => {
    const body = { roles: rolesOf(things, role), permissions }
    await call(users.update, { params: { id: pick(things.users, target) }, body })
  }),
  step('enable a user', fc.record({ target: index }), async ({ call, things, target }) => {
    const id = pick(things.users, target)
    await call(users.update, { params: { id }, body: { disabled: false, grantTypes } })
  }),
  step('create users', wanted, async ({ call, callers, things, role, permissions }) => {
    const one = { roles: rolesOf(things, role), permissions, grantTypes }
    const list = [{ username: newName() }, { username: newName(), ...one }]
    const made = await call(userTransfer.batch, { body: { users: list } })
    const [, { id } = { id: '' }] = made.users
    things.users.push(id)
    callers.push(await sessionOf(id))
  }),
  step('create a role', fc.record({ permissions: given }), async ({ call, things, permissions }) => {
    things.roles.push((await call(roles.create, { body: { name: newName(), permissions } })).id)
  }),
  step('change a role', fc.record({ target: index, permissions: given }), async ({ call, things, ...chosen }) => {
    const id = pick(things.roles, chosen.target)
    await call(roles.update, { params: { id }, body: { permissions: chosen.permissions } })
  }),
  step('copy a role', fc.record({ from: index, to: index }), async ({ call, things, from, to }) => {
    const [id, source] = [pick(things.roles, to), pick(things.roles, from)]
    const [own, other] = await Promise.all([id, source].map((one) => call(roles.view, { params: { id: one } })))
    const permissions = [...(own?.permissions ?? []), ...(other?.permissions ?? [])]
    await call(roles.update, { params: { id }, body: { permissions } })
  }),
  step('delete a role', fc.record({ target: index }), async ({ call, things, target }) => {
    await call(roles.remove, { params: { id: pick(things.roles, target) }, search: { detach: 'true' } })
  }),
  step('make a token', fc.record({ permissions: fc.option(given) }), async ({ call, callers, userId, permissions }) => {
    const { token } = await call(tokens.create, { body: { label: 'made', permissions } })
    const headers = { Authorization: `Bearer ${token}` }
    callers.push({ call: createClient({ baseUrl: app.url, headers }), userId, limits: permissions })
    return permissions
  }),
  step('set a password', fc.record({ target: index }), async ({ call, callers, things, target }) => {
    const id = pick(things.users, target)
    await call(users.setPassword, { params: { id }, body: { mustChange: false } })
    callers.push(await sessionOf(id))
    return worthOf(id)
  }),
  step('issue a certificate', fc.record({ target: index }), async ({ call, things, target }) => {
    const userId = pick(things.users, target)
    await call(clientCertificates.create, { body: { csr, userId, days: 1 } })
    return worthOf(userId)
  }),
]

it('gives no user a permission that the caller does not hold', async () => {
  const story = fc.array(fc.oneof(...steps), { minLength: 15, maxLength: 25 })
  await fc.assert(
    fc.asyncProperty(story, async (list) => {
      const world = await makeWorld()
      for (const one of list) await take(world, one)
    }),
    { numRuns: process.env['GATEHOUSE_TEST_ALL'] ? 100 : 25, seed: 1_984 },
  )
  const asked = [
    'create a user',
    'create users',
    'change a user',
    'create a role',
    'change a role',
    'copy a role',
    'make a token',
  ]
  const above = [
    'change a user',
    'change a role',
    'delete a role',
    'enable a user',
    'set a password',
    'issue a certificate',
  ]
  expect([...ends]).toEqual(
    expect.arrayContaining([
      ...[...asked, ...above].map((name) => `${name}: done`),
      ...asked.map((name) => `${name}: more_than_held`),
      ...above.map((name) => `${name}: above_caller`),
    ]),
  )
})
