import { expect, it } from 'vitest'
import type { ForeseenChange } from './adapter.ts'
import type { BrokerSet } from './broker-set.ts'
import { impactOnOrigin, impactOnUsers } from './impact.ts'

const hall = { id: 'h', name: 'hall-2', ends: 'concerned', connections: null, admitsWithoutRights: true } as const
const brokers = { foresee: async () => [hall] } as unknown as BrokerSet
const users = ['1', '2', '3'].map((userId) => ({ userId, facts: null }))

it('adds up the connections of all users on the embedded broker, beside what the others foresee', async () => {
  const broker = { impactOnUser: async () => 2 }
  expect(await impactOnUsers({ broker, brokers }, users)).toEqual({
    connections: 6,
    connectionsByBroker: [
      { id: 'embedded', name: 'embedded', ends: 'concerned', connections: 6, admitsWithoutRights: false },
      hall,
    ],
  })
})

it('asks the embedded broker about no further user after it did not answer once', async () => {
  const asked: string[] = []
  const impactOnUser = async (userId: string) => {
    asked.push(userId)
    return asked.length < 2 ? 1 : null
  }
  const impact = await impactOnUsers({ broker: { impactOnUser }, brokers }, users)
  expect(impact).toMatchObject({ connections: null, connectionsByBroker: [{ ends: null }, hall] })
  expect(asked).toHaveLength(2)
})

/** The ids of the users of a provider, in slices of 100. */
async function* slicesOf(count: number): AsyncGenerator<string[]> {
  for (let at = 0; at < count; at += 100) {
    yield Array.from({ length: Math.min(100, count - at) }, (_, of) => String(at + of))
  }
}

/** `calls`: the number of users in each call of the embedded broker. `foreseen`: the same for another broker. */
async function originImpact(count: number, answer: (call: number) => number | null) {
  const calls: number[] = []
  const foreseen: number[] = []
  const broker = {
    impactOnOrigin: async ({ userIds }: { userIds: readonly string[] }) => answer(calls.push(userIds.length)),
  }
  const others = {
    foresee: async (change: ForeseenChange) => {
      foreseen.push('users' in change ? change.users.length : 0)
      return [hall]
    },
  }
  const change = { slices: slicesOf(count), keepsCertificates: false }
  const impact = await impactOnOrigin({ broker, brokers: others }, change)
  return { calls, foreseen, impact }
}

it('calls no broker about a provider with more users than a preview may have', async () => {
  const most = await originImpact(1_000, () => 2)
  expect([most.calls.length, most.foreseen, most.impact.connections]).toEqual([10, [1_000], 20])
  const { calls, foreseen, impact } = await originImpact(1_001, () => 2)
  expect([calls, foreseen, impact]).toEqual([[], [], { connections: null, connectionsByBroker: [] }])
})

it('calls the embedded broker about no further users of a provider after it did not answer once', async () => {
  const { calls, impact } = await originImpact(500, (call) => (call < 2 ? 1 : null))
  expect(calls).toEqual([100, 100])
  expect(impact).toMatchObject({ connections: null, connectionsByBroker: [{ ends: null }, hall] })
})
