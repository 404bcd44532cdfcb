import { expect, it } from 'vitest'
import { LaterKicks } from './later-kicks.ts'

const names = (count: number) => Array.from({ length: count }, (_, at) => `press-${at}`)

it('ends all connections in slices, each user once', async () => {
  const slices: (readonly string[])[] = []
  const kicks = new LaterKicks(async (usernames) => void slices.push(usernames))
  kicks.add(names(120))
  kicks.resume()
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
  kicks.resume()
  await expect.poll(() => ended.length).toBe(1)
  await expect.poll(() => kicks.isRunning).toBe(false)
  expect(kicks.count).toBe(19)
  isAway = false
  kicks.resume()
  await expect.poll(() => kicks.count).toBe(0)
  expect(ended.toSorted()).toEqual(names(20).toSorted())
})

it('continues when it is resumed at the moment when it stops', async () => {
  const ended: string[] = []
  let calls = 0
  const kicks = new LaterKicks((usernames) => {
    if (calls++ > 0) return Promise.resolve(void ended.push(...usernames))
    const away = Promise.reject(new Error('away'))
    void away.catch(() => {}).then(() => kicks.resume())
    return away
  })
  kicks.add(names(1))
  kicks.resume()
  await expect.poll(() => ended).toEqual(['press-0'])
})
