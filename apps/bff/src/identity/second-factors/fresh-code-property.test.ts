/**
 * A property test. Two browsers, an administrator, an identity provider and the clock act in random order. A session of a user
 * with a second factor leaves the stage `mfa-required` only by a fresh code of this factor in this session, or by the accepted
 * factor of the provider; and a session of a user who must have one reaches `full` only by one of the two.
 */
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Browser, goodPassword, startApp, type TestApp } from '../../../test/app.ts'
import { attempt, freshAdmin, makePhone, type Phone, signIn, stepMs, toNextStep } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { openSessionThere, type ProvedThere, proveInSession } from '../../../test/provider-proofs.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

interface Factor {
  phone: Phone
  lastStep: number
  backupCodes: Set<string>
}

interface Seat {
  browser: Browser
  /** The factor that was proved in this session. */
  proved: Factor | null
  pending: Phone | null
  /** The provider's second factor was shown in this session. */
  hasProviderFactor: boolean
}

interface World {
  id: string
  username: string
  seats: [Seat, Seat]
  factor: Factor | null
  /** Codes of factors that are gone, and backup codes that were used. */
  stale: Factor[]
  used: string[]
  isDemanded: boolean
}

async function begin(world: World, n: 0 | 1): Promise<void> {
  const begun = await world.seats[n].browser.call(mfa.enrol, {}).catch(() => null)
  if (!begun) return
  expect(world.factor).toBeNull()
  for (const each of world.seats) each.pending = null
  world.seats[n].pending = makePhone(app, begun)
}

async function verify(world: World, n: 0 | 1, away: Away): Promise<void> {
  const one = world.seats[n]
  const phone = one.pending ?? world.stale.at(-1)?.phone
  if (!phone) return
  const steps = wait(away)
  const lastStep = stepNow() + steps
  const done = await one.browser.call(mfa.verify, { body: { code: phone.code(steps) } }).catch(() => null)
  if (!done) return
  expect(phone).toBe(one.pending)
  world.factor = { phone, lastStep, backupCodes: new Set(done.backupCodes) }
  one.proved = world.factor
  one.pending = null
}

const stepNow = () => Math.floor(app.now().getTime() / stepMs)

/** Shows a code, and answers with whether it was accepted: it must then have been fresh. */
async function showCode(world: World, away: Away, call: (code: string) => Promise<unknown>): Promise<boolean> {
  const { factor } = world
  const phone = factor?.phone ?? world.stale.at(-1)?.phone
  if (!phone) return false
  const steps = wait(away)
  const before = stepNow()
  if (!(await attempt(call(phone.code(steps))))) return false
  const step = before + steps
  expect(factor?.phone).toBe(phone)
  expect(step).toBeGreaterThan(factor?.lastStep ?? Number.POSITIVE_INFINITY)
  // A step may have begun while the call was on its way.
  expect(step).toBeLessThanOrEqual(stepNow() + 1)
  expect(step).toBeGreaterThanOrEqual(before - 1)
  if (factor) factor.lastStep = step
  return true
}

async function showBackupCode(world: World, kind: BackupKind, call: (code: string) => Promise<unknown>) {
  const { factor, stale, used } = world
  const sets = { fresh: factor?.backupCodes, used, stale: stale.at(-1)?.backupCodes }
  const [code] = sets[kind] ?? []
  if (code === undefined || !(await attempt(call(code)))) return false
  expect(factor?.backupCodes.has(code)).toBe(true)
  factor?.backupCodes.delete(code)
  used.push(code)
  return true
}

type Away = 'fresh' | number

/** How many steps away: for a fresh code one waits for the next step. */
function wait(away: Away): number {
  if (away !== 'fresh') return away
  toNextStep(app)
  return 0
}

type BackupKind = 'fresh' | 'used' | 'stale'

type Action = (world: World) => Promise<void>
const named = (name: string, action: Action): Action => Object.assign(action, { [fc.toStringMethod]: () => name })

const forget = (world: World) => {
  if (world.factor) world.stale.push(world.factor)
  world.factor = null
  // All proofs of a second step are forgotten, also the provider's.
  for (const each of world.seats) each.hasProviderFactor = false
}

async function signInThere(world: World, n: 0 | 1, kinds: ProvedThere): Promise<void> {
  const one = world.seats[n]
  const cookie = await openSessionThere({ app, door }, world.username, kinds)
  one.browser.jar.set('gatehouse', cookie)
  one.proved = null
  one.hasProviderFactor = kinds.includes('provider-factor')
}

async function proveThere(world: World, n: 0 | 1, kinds: ProvedThere): Promise<void> {
  const one = world.seats[n]
  const cookie = one.browser.cookie()
  const stage = cookie === null ? null : await stageOf(one)
  if (cookie === null || (stage !== 'full' && stage !== 'mfa-enrolment-required')) return
  await proveInSession({ app, door }, cookie, kinds)
  if (kinds.includes('provider-factor')) one.hasProviderFactor = true
}

/** Null: the session has ended. */
const stageOf = ({ browser }: Seat) =>
  browser.call(session.view, {}).then(
    (answer) => answer.stage,
    () => null,
  )

const there = fc.constantFrom<ProvedThere>(['directory'], ['oidc'], ['oidc', 'provider-factor'])
const seat = fc.constantFrom(0 as const, 1 as const)
/** Mostly a code that was not used yet, for which one waits; else one of the steps around. */
const away = fc.oneof({ weight: 2, arbitrary: fc.constant('fresh' as const) }, fc.integer({ min: -2, max: 2 }))
const backupKind = fc.constantFrom<BackupKind>('fresh', 'used', 'stale')

const everyAction = (): fc.Arbitrary<Action>[] => [
  seat.map((n) =>
    named(`sign in ${n}`, async ({ seats, username }) => {
      const body = { username, password: goodPassword }
      if (!(await attempt(seats[n].browser.call(session.signIn, { body })))) return
      seats[n].proved = null
      seats[n].hasProviderFactor = false
    }),
  ),
  fc.tuple(seat, away).map(([n, steps]) =>
    named(`code ${n} ${steps}`, async (world) => {
      const one = world.seats[n]
      const show = (code: string) => one.browser.call(session.secondFactor, { body: { code } })
      if (await showCode(world, steps, show)) one.proved = world.factor
    }),
  ),
  fc.tuple(seat, backupKind).map(([n, kind]) =>
    named(`backup code ${n} ${kind}`, async (world) => {
      const one = world.seats[n]
      const show = (backupCode: string) => one.browser.call(session.secondFactor, { body: { backupCode } })
      if (await showBackupCode(world, kind, show)) one.proved = world.factor
    }),
  ),
  fc.tuple(seat, away).map(([n, steps]) =>
    named(`step-up ${n} ${steps}`, async (world) => {
      const one = world.seats[n]
      const show = (code: string) => one.browser.call(session.prove, { body: { code } })
      if (await showCode(world, steps, show)) expect(one.proved).toBe(world.factor)
    }),
  ),
  fc
    .tuple(seat, there)
    .map(([n, kinds]) => named(`sign in there ${n} ${kinds.join()}`, (world) => signInThere(world, n, kinds))),
  fc
    .tuple(seat, there)
    .map(([n, kinds]) => named(`step-up there ${n} ${kinds.join()}`, (world) => proveThere(world, n, kinds))),
  seat.map((n) => named(`begin ${n}`, (world) => begin(world, n))),
  fc.tuple(seat, away).map(([n, steps]) => named(`verify ${n} ${steps}`, (world) => verify(world, n, steps))),
  seat.map((n) =>
    named(`enrol ${n}`, async (world) => {
      await begin(world, n)
      await verify(world, n, 'fresh')
    }),
  ),
  fc.tuple(seat, away).map(([n, steps]) =>
    named(`disable ${n} ${steps}`, async (world) => {
      const show = (code: string) => world.seats[n].browser.call(mfa.disable, { body: { code } })
      if (await showCode(world, steps, show)) forget(world)
    }),
  ),
  seat.map((n) =>
    named(`sign out ${n}`, async ({ seats }) => void (await attempt(seats[n].browser.call(session.signOut, {})))),
  ),
  fc.boolean().map((mfaRequired) =>
    named(`demand ${mfaRequired}`, async (world) => {
      const { id } = world
      await (await recentAdmin())(users.update, { params: { id }, body: { mfaRequired } })
      world.isDemanded = mfaRequired
    }),
  ),
  fc.constant(
    named('reset', async (world) => {
      const isReset = await attempt((await recentAdmin())(mfa.reset, { params: { id: world.id }, body: {} }))
      expect(isReset).toBe(world.factor !== null)
      if (isReset) forget(world)
    }),
  ),
  fc.constantFrom(10_000, stepMs, 3 * stepMs).map((ms) => named(`wait ${ms}`, async () => app.advance(ms))),
]

async function requireNoWayAround({ factor, seats, isDemanded }: World): Promise<void> {
  for (const one of seats) {
    const { proved, hasProviderFactor } = one
    const stage = await stageOf(one)
    if (stage === null || stage === 'mfa-required') continue
    // Past the code, or there is none.
    const hasFactor = (factor !== null && proved === factor) || hasProviderFactor
    expect(factor === null || hasFactor).toBe(true)
    expect(!isDemanded || stage !== 'full' || hasFactor).toBe(true)
  }
}

let admin: { call: Browser['call']; at: number } | null = null

/** One sign-in serves for a while: what takes long here is hashing passwords. */
async function recentAdmin(): Promise<Browser['call']> {
  const now = app.now().getTime()
  if (!admin || now - admin.at > 5 * 60_000) admin = { call: await freshAdmin(app), at: now }
  return admin.call
}

/** Two browsers that are signed in; with a factor, both have shown a code of it. */
async function makeWorld(username: string, { isEnrolled }: { isEnrolled: boolean }): Promise<World> {
  const grantTypes = [{ method: 'password' as const }]
  const body = { username, password: goodPassword, mustChangePassword: false, grantTypes }
  const { id } = await (await recentAdmin())(users.create, { body })
  const sit = async (): Promise<Seat> => ({
    browser: await signIn(app, username),
    proved: null,
    pending: null,
    hasProviderFactor: false,
  })
  const world: World = {
    id,
    username,
    seats: [await sit(), await sit()],
    factor: null,
    stale: [],
    used: [],
    isDemanded: false,
  }
  if (!isEnrolled) return world
  await begin(world, 0)
  await verify(world, 0, 'fresh')
  const [, other] = world.seats
  await showCode(world, 'fresh', (code) => other.browser.call(session.secondFactor, { body: { code } }))
  other.proved = world.factor
  return world
}

it('a session of a user with a second factor needs a fresh code in every order of events', async () => {
  let count = 0
  const reached = new Set<string>()
  const isEnrolled = fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false))
  const story = fc.array(fc.oneof(...everyAction()), { minLength: 8, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(isEnrolled, story, async (isEnrolledAtFirst, list) => {
      const world = await makeWorld(`user-${count++}`, { isEnrolled: isEnrolledAtFirst })
      for (const action of list) {
        await action(world)
        await requireNoWayAround(world)
        if (world.stale.length > 0) reached.add(world.factor ? 'enrolled anew' : 'turned off')
      }
    }),
    // The same stories each time. No time limit: on a busy machine it would end the test before the first story.
    { numRuns: process.env['GATEHOUSE_TEST_ALL'] ? 60 : 6, seed: 6_238 },
  )
  expect([...reached].toSorted()).toEqual(['enrolled anew', 'turned off'])
})
