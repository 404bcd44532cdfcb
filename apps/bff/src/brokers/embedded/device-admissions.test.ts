/** What unknown devices may cost the main thread. The main thread is a stand-in that the test holds open. */
import { beforeEach, expect, test } from 'vitest'
import { trustedVerdict as verdict } from '../../../test/decision-facts.ts'
import type { AdmissionRule } from '../../access/decision/admission.ts'
import { offsetClock } from '../../platform/base/clock.ts'
import type { AdmitResult, AdmittedDevice } from '../admission/admit.ts'
import { DeviceAdmissions } from './device-admissions.ts'

const rule: AdmissionRule = {
  id: 'r1',
  name: 'presses',
  authority: 'a',
  usernames: ['*'],
  roles: [],
  permissions: [],
  authorPermissions: [],
  isFull: false,
  hourFullUntil: null,
}

let offsetMs: number
let rules: AdmissionRule[]
let readings: number
let nameReadings: number
let asked: { device: AdmittedDevice; answer(result: AdmitResult): void }[]
let admissions: DeviceAdmissions
beforeEach(() => {
  offsetMs = 0
  rules = [rule]
  readings = 0
  nameReadings = 0
  asked = []
  admissions = new DeviceAdmissions({
    clock: offsetClock(() => offsetMs),
    store: {
      findNameFacts: async () => {
        nameReadings++
        return { isDenied: false, isTaken: false }
      },
    },
    host: {
      admissionRules: async () => {
        readings++
        return rules
      },
      admitDevice: (device) => new Promise((answer) => asked.push({ device, answer })),
    },
  })
})

const admit = (username: string, address = '192.0.2.1') => admissions.createUser({ username, rule, verdict }, address)
/** Answers all that the main thread was asked, and what follows, until nothing waits. */
async function answerAll(result: AdmitResult): Promise<number> {
  let most = 0
  for (; asked.length > 0; await new Promise(setImmediate)) {
    most = Math.max(most, asked.length)
    for (const { answer } of asked.splice(0)) answer(result)
  }
  return most
}

test('without rules reads nothing about a device, and reads the rules again only after a change of rules', async () => {
  rules = []
  expect(await admissions.factsFor('press-1')).toBeNull()
  admissions.follow({ kind: 'user' })
  expect(await admissions.factsFor('press-2')).toBeNull()
  expect([readings, nameReadings]).toEqual([1, 0])
  rules = [rule]
  admissions.follow({ kind: 'admission' })
  expect((await admissions.factsFor('press-2'))?.rules).toEqual([rule])
})

test('with rules reads them again after a change of users, roles or CAs, and not for each device', async () => {
  for (const name of ['press-1', 'press-2', 'press-3']) await admissions.factsFor(name)
  expect([readings, nameReadings]).toEqual([1, 3])
  for (const kind of ['user', 'role', 'authority'] as const) {
    admissions.follow({ kind })
    await admissions.factsFor('press-1')
  }
  expect(readings).toBe(4)
})

test.each(['', 'a', 'x'.repeat(65_536), 'press 1', 'press-\u0000'])(
  'reads nothing for a name that no user can have: %.8s',
  async (name) => {
    expect(await admissions.factsFor(name)).toBeNull()
    expect(readings).toBe(0)
  },
)

test('asks once for a device that connects many times at once', async () => {
  const all = Promise.all(Array.from({ length: 100 }, () => admit('press-1')))
  expect(asked.map(({ device }) => device.username)).toEqual(['press-1'])
  await answerAll({ reason: null })
  expect((await all).every(({ reason }) => reason === null)).toBe(true)
  expect(admissions.ruleOf('press-1')).toBe('presses')
  admissions.registered('press-1')
  expect(admissions.ruleOf('press-1')).toBeNull()
})

test('asks for two devices at a time, lets 500 wait, and refuses the others at once', async () => {
  const all = Array.from({ length: 600 }, (_, at) => admit(`press-${at}`, `192.0.${at % 250}.1`))
  const late = await Promise.all(all.slice(502))
  expect(late.every(({ reason }) => reason === 'admission_busy')).toBe(true)
  expect(await answerAll({ reason: null })).toBe(2)
  const results = await Promise.all(all)
  expect(results.filter(({ reason }) => reason === null)).toHaveLength(502)
})

test('refuses the devices of one network beyond 600 in a minute, and no others', async () => {
  for (let at = 0; at < 600; at++) {
    const one = admit(`press-${at}`, '2001:db8::1')
    await answerAll({ reason: 'admission_limit' })
    expect((await one).reason).toBe('admission_limit')
  }
  expect(await admit('press-600', '2001:db8::2')).toEqual({ reason: 'admission_busy' })
  const other = admit('press-600', '2001:db8:1::1')
  await answerAll({ reason: null })
  expect(await other).toEqual({ reason: null })
  offsetMs = 60_001
  const later = admit('press-601', '2001:db8::1')
  await answerAll({ reason: null })
  expect(await later).toEqual({ reason: null })
})
