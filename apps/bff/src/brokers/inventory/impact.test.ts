import { expect, it } from 'vitest'
import type { BrokerSet } from './broker-set.ts'
import { impactOnUsers } from './impact.ts'

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
