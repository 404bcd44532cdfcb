import { expect, it } from 'vitest'
import { newId } from './id.ts'

it('makes UUIDv7s that sort by time, and within a millisecond by order of creation', () => {
  const at = new Date('2026-01-01T00:00:00.123Z')
  const ids = Array.from({ length: 1_500 }, () => newId(at))
  for (const id of ids) expect(id).toMatch(/^019b76da-a87b-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted()).toEqual(ids)
  const later = newId(new Date(at.getTime() + 1))
  expect([later, ...ids].toSorted().at(-1)).toBe(later)
})

it('makes ids that cannot be guessed from the previous one', () => {
  const at = new Date('2026-01-01T00:00:00.456Z')
  const tails = Array.from({ length: 100 }, () => newId(at).slice(20))
  expect(new Set(tails).size).toBe(100)
})
