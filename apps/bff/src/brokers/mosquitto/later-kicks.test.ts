import { expect, it } from 'vitest'
import { LaterKicks } from './later-kicks.ts'

const names = (count: number) => Array.from({ length: count }, (_, at) => `press-${at}`)

it('ends all connections in slices, each user once', async () => {
  const slices: (readonly string[])[] = []
  const kicks = new LaterKicks(async (usernames) => void slices.push(usernames))
  kicks.add(names(120))
  kicks.add(names(10))
  await expect.poll(() => kicks.count).toBe(0)
  expect(slices.flat().toSorted()).toEqual(names(120).toSorted())
  expect(slices.length).toBeGreaterThan(2)
})

it('stops when the broker is away, and continues with those that are left', async () => {
  const ended: string[] = []
  let isAway = true
  const kicks = new LaterKicks(async (usernames) => {
    if (isAway && ended.length > 0) throw new Error('away')
    ended.push(...usernames)
  })
  kicks.add(names(20))
  await expect.poll(() => ended.length).toBe(1)
  await expect.poll(() => kicks.isRunning).toBe(false)
  expect(kicks.count).toBe(19)
  isAway = false
  kicks.resume()
  await expect.poll(() => kicks.count).toBe(0)
  expect(ended.toSorted()).toEqual(names(20).toSorted())
})
