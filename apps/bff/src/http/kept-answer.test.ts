import { users } from '@gatehouse/contract/users'
import { expect, test } from 'vitest'
import { KeptAnswer, makeAnswerMemory, recallAnswer } from './kept-answer.ts'

const empty = { items: [], nextCursor: null, total: 0 }

function asking(answer: (search: { limit: number }) => unknown) {
  let version = 1
  let asked = 0
  const memory = makeAnswerMemory(async () => String(version))
  const kept = new KeptAnswer<typeof users.list>(async ({ search }) => {
    asked++
    return answer(search) as typeof empty
  })
  return {
    ask: async (limit: number) => {
      const input = { params: undefined, search: { limit }, body: undefined }
      const question = { route: users.list, kept, url: `/users?limit=${limit}`, read: async () => input }
      return JSON.parse(String(await recallAnswer(memory, question)))
    },
    commit: () => version++,
    asked: () => asked,
  }
}

test('the same question is answered once until somebody writes', async () => {
  const { ask, commit, asked } = asking(({ limit }) => ({ ...empty, total: limit }))
  expect(await ask(25)).toEqual({ ...empty, total: 25 })
  expect(await ask(25)).toEqual({ ...empty, total: 25 })
  expect(await ask(50)).toEqual({ ...empty, total: 50 })
  expect(asked()).toBe(2)
  commit()
  await ask(25)
  expect(asked()).toBe(3)
})

test('only what the contract names is kept, and gets out', async () => {
  const { ask } = asking(() => ({ ...empty, passwordHash: 'secret' }))
  expect(await ask(25)).toEqual(empty)
  expect(await ask(25)).toEqual(empty)
})

test('what breaks the contract is an error each time, and is not kept', async () => {
  const { ask, asked } = asking(() => ({ items: 'none' }))
  await expect(ask(25)).rejects.toThrow('Invalid input')
  await expect(ask(25)).rejects.toThrow('Invalid input')
  expect(asked()).toBe(2)
})

test('an answer too long to keep is made each time', async () => {
  const { ask, asked } = asking(() => ({ ...empty, nextCursor: 'x'.repeat(256 * 1_024) }))
  await ask(25)
  await ask(25)
  expect(asked()).toBe(2)
})
