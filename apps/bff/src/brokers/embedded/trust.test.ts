import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorld, type World } from '../../../test/broker-world.ts'
import { Trust } from '../../certificates/trust/trust.ts'
import { defaultPolicies } from '../../platform/policies/store.ts'
import { type BrokerStore, openStore } from './store.ts'

const at = new Date('2026-03-01T00:00:00Z')
const minuteMs = 60_000
const later = (ms: number) => new Date(at.getTime() + ms)
// Of one name and without key identifiers: the signature of a stranger's certificate is checked with the key of each.
const authorities = Array.from({ length: 20 }, () =>
  makeAuthority({ subject: 'Plant', key: 'p-521', hasSubjectKeyIdentifier: false }),
)
const stranger = makeAuthority({ subject: 'Plant', key: 'p-521', hasSubjectKeyIdentifier: false })

let world: World
let store: BrokerStore
let trust: Trust
beforeAll(async () => {
  world = await startWorld()
  for (const authority of authorities) await world.addAuthority(authority)
  store = openStore(world.database)
  trust = new Trust(store, { now: () => at })
  await trust.reload()
})
afterAll(async () => {
  await store.close()
  await world.stop()
})

const present = (...chain: Issued[]) => chain.map(({ der }) => Buffer.from(der))

function judgeCpuUs(chain: Issued[], moment = at): number {
  const presented = present(...chain)
  const before = process.threadCpuUsage()
  expect(trust.judge(presented, { at: moment, trusted: null })).toMatchObject({ trusted: false })
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}

test('judges a refused chain once a minute', () => {
  const chains = Array.from({ length: 10 }, () => [issue(stranger)])
  const cpuUsAt = (moment: Date) => chains.reduce((sum, chain) => sum + judgeCpuUs(chain, moment), 0)
  const first = cpuUsAt(at)
  expect(cpuUsAt(later(59_000)) / first).toBeLessThan(0.2)
  expect(cpuUsAt(later(60_000)) / first).toBeGreaterThan(0.5)
})

test('judges a refused chain again when the clock was set back', () => {
  const chain = [issue(authorities[0] ?? stranger, { notAfter: later(-1_000) })]
  expect(trust.judge(present(...chain), { at: at, trusted: null })).toMatchObject({ reason: 'expired' })
  expect(trust.judge(present(...chain), { at: later(-2_000), trusted: null }).trusted).toBe(true)
})

test('admits a refused chain at the moment its certificate becomes valid', () => {
  const chain = [issue(authorities[0] ?? stranger, { notBefore: later(5 * minuteMs + 10_000) })]
  expect(trust.judge(present(...chain), { at: at, trusted: null })).toMatchObject({ reason: 'not_yet_valid' })
  expect(trust.judge(present(...chain), { at: later(10_000), trusted: null }).trusted).toBe(true)
})

async function allowClockSkew(clockSkewMinutes: number): Promise<void> {
  const policies = JSON.stringify({ ...defaultPolicies, certificates: { clockSkewMinutes } })
  await world.db
    .insertInto('settings')
    .values({ id: 1, policies, version: 2 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ policies }))
    .execute()
  await trust.reload()
}

test('admits a certificate of an authority whose clock is ahead by what the policy allows', async () => {
  const [ahead, farther] = [2, 6].map((minutes) =>
    present(issue(authorities[0] ?? stranger, { notBefore: later(minutes * minuteMs) })),
  ) as [Buffer[], Buffer[]]
  expect([ahead, farther].map((chain) => trust.judge(chain, { at: at, trusted: null }).trusted)).toEqual([true, false])
  await allowClockSkew(0)
  expect([ahead, farther].map((chain) => trust.judge(chain, { at: at, trusted: null }).trusted)).toEqual([false, false])
  await allowClockSkew(6)
  expect([ahead, farther].map((chain) => trust.judge(chain, { at: at, trusted: null }).trusted)).toEqual([true, true])
  await allowClockSkew(5)
})

test('does not admit an expired certificate for the sake of a clock', () => {
  const chain = [issue(authorities[0] ?? stranger, { notAfter: later(-1_000) })]
  expect(trust.judge(present(...chain), { at: at, trusted: null })).toMatchObject({ reason: 'expired' })
})

test('admits a refused chain as soon as its authority is trusted', async () => {
  const chain = [issue(stranger)]
  expect(trust.judge(present(...chain), { at: at, trusted: null }).trusted).toBe(false)
  await world.addAuthority(stranger)
  await trust.reload()
  expect(trust.judge(present(...chain), { at: at, trusted: null }).trusted).toBe(true)
})
