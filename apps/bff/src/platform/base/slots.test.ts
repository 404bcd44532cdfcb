import { expect, it } from 'vitest'
import { Slots } from './slots.ts'

it('runs two at a time, in order, and a slot is free again after an error', async () => {
  const slots = new Slots({ atOnce: 2, maxWaiting: 2 })
  const started: number[] = []
  const held = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
  const runs = held.map(({ promise }, at) =>
    slots.run(() => {
      started.push(at)
      return promise
    }),
  )
  expect(started).toEqual([0, 1])
  expect(slots.isFull).toBe(true)
  held[1]?.reject(new Error('broken'))
  await expect(runs[1]).rejects.toThrow('broken')
  expect(started).toEqual([0, 1, 2])
  expect(slots.isFull).toBe(false)
  for (const { resolve } of held) resolve()
  await Promise.all([runs[0], runs[2], runs[3]])
  expect(started).toEqual([0, 1, 2, 3])
})
