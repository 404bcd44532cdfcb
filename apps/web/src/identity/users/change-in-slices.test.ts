import { createClient } from '@gatehouse/contract/client'
import { type ErrorCode, errors } from '@gatehouse/contract/errors'
import type { User } from '@gatehouse/contract/identity/users'
import { expect, test } from 'vitest'
import { changeInSlices, impactInSlices } from './change-in-slices.ts'

/** Only what the slices need of a user. */
function makeUsers(count: number): User[] {
  return Array.from({ length: count }, (_, at) => ({ id: `id-${at}`, username: `user-${at}` }) as User)
}

interface Sent {
  users: string[]
}

function refusal(code: ErrorCode, fields = {}): Response {
  return Response.json(
    { type: 'x', code, ...errors[code], fields, requestId: '1' },
    {
      status: errors[code].status,
      headers: { 'Content-Type': 'application/problem+json' },
    },
  )
}

/** A client whose server answers to the ids of each call. `sizes`: how many users each call named. */
function serverThat(answer: (ids: string[], calls: number) => Response) {
  const sizes: number[] = []
  const call = createClient({
    fetch: async (_address, init) => {
      const { users } = JSON.parse(init?.body as string) as Sent
      sizes.push(users.length)
      return answer(users, sizes.length)
    },
  })
  return { call, sizes }
}

const hall = { id: 'h', name: 'hall-2' }
const done = (ids: string[]) =>
  Response.json({
    changed: ids.length,
    disconnected: 1,
    disconnectedByBroker: [{ ...hall, confirmed: ids.length === 200, disconnected: 2 }],
  })
const onward = { change: { disabled: true }, isWanted: () => true, onProgress: () => {} }

test('changes 450 users in calls of at most 200, and adds up what they answer', async () => {
  const { call, sizes } = serverThat(done)
  const seen: number[] = []
  const report = await changeInSlices({
    ...onward,
    users: makeUsers(450),
    call,
    onProgress: (count) => seen.push(count),
  })
  expect(report).toEqual({
    changed: 450,
    disconnected: 3,
    disconnectedByBroker: [{ ...hall, confirmed: false, disconnected: 6 }],
    refused: [],
    left: 0,
    error: null,
  })
  expect(sizes).toEqual([200, 200, 50])
  expect(seen).toEqual([0, 200, 400])
})

test('leaves out users that the server refuses by name, and sends the rest of their slice again', async () => {
  const { call, sizes } = serverThat((ids) => {
    const fault = ids.indexOf('id-201')
    return fault === -1 ? done(ids) : refusal('own_account', { [`users.${fault}.id`]: 'own_account' })
  })
  const report = await changeInSlices({ ...onward, users: makeUsers(300), call })
  expect(report).toMatchObject({ changed: 299, refused: [{ username: 'user-201', code: 'own_account' }], left: 0 })
  expect(sizes).toEqual([200, 100, 99])
})

test('stops at a call that is refused as a whole, and says how many users were not sent', async () => {
  const { call } = serverThat((ids, calls) => (calls === 2 ? refusal('last_admin') : done(ids)))
  const report = await changeInSlices({ ...onward, users: makeUsers(500), call })
  expect(report).toMatchObject({ changed: 200, left: 300, error: { code: 'last_admin' } })
})

test('sends nothing more once the person has stopped it', async () => {
  const { call, sizes } = serverThat(done)
  const report = await changeInSlices({ ...onward, users: makeUsers(500), call, isWanted: () => sizes.length < 1 })
  expect(report).toMatchObject({ changed: 200, left: 300, error: null })
})

test('adds up what a change would end; the connections are unknown if one answer does not know them', async () => {
  const ends = { ...hall, admitsWithoutRights: true }
  const { call } = serverThat((_ids, calls) =>
    Response.json({
      connections: calls === 2 ? null : 2,
      connectionsByBroker: [
        { ...ends, ends: calls === 2 ? 'nothing' : 'concerned', connections: calls },
        { ...ends, id: 'away', ends: calls === 2 ? null : 'all', connections: null },
      ],
      sessions: 1,
      tokens: 3,
    }),
  )
  expect(await impactInSlices(makeUsers(400), { delete: true }, call)).toEqual({
    connections: null,
    connectionsByBroker: [
      { ...ends, ends: 'concerned', connections: 3 },
      { ...ends, id: 'away', ends: null, connections: null },
    ],
    sessions: 2,
    tokens: 6,
  })
})
