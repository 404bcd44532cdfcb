import { expect, test } from 'vitest'
import { Deadlines } from './deadlines.ts'

test('reports an error of one action, and runs the others of that second', () => {
  const seen: unknown[] = []
  const deadlines = new Deadlines(0, (error) => seen.push(error))
  const error = new Error('broken')
  deadlines.set(1000, () => {
    throw error
  })
  deadlines.set(1000, () => seen.push('same second'))
  deadlines.set(2000, () => seen.push('next second'))
  const steps = [...deadlines.check(3000)]
  expect(steps).toHaveLength(3)
  expect(seen).toEqual([error, 'same second', 'next second'])
})
