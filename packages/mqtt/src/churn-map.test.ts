import { expect, test } from 'vitest'
import { ChurnMap } from './churn-map.ts'

test('keeps entries and their order over many insertions and deletions', () => {
  const map = new ChurnMap<number, string>()
  const model = new Map<number, string>()
  for (let i = 0; i < 20_000; i++) {
    map.set(i, `value ${i}`)
    model.set(i, `value ${i}`)
    for (const key of [i - 100, i - (i % 7)]) {
      map.delete(key)
      model.delete(key)
    }
  }
  expect([...map]).toEqual([...model])
  expect([...map.values()]).toEqual([...model.values()])
  expect(map.size).toBe(model.size)
  expect(map.first).toBe([...model.values()][0])
  map.clear()
  expect(map.first).toBe(undefined)
})
