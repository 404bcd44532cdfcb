import { describe, expect, it } from 'vitest'
import { idleEndOf, phaseOf, type SessionTimes, whyEnded } from './session-lifetime.ts'

const minute = 60_000
const times: SessionTimes = { usedAt: 0, idleMs: 30 * minute, endsAt: 12 * 60 * minute }

describe('the end of a session', () => {
  it('may come a minute before the idle time, because the server writes the last use once a minute', () => {
    expect(idleEndOf(times)).toBe(29 * minute)
  })

  it.each([
    [26.9, 'open'],
    [27, 'ending'],
    [30, 'ending'],
    [30.1, 'over'],
  ])('after %s unused minutes of 30 is "%s"', (minutes, phase) => {
    expect(phaseOf(times, minutes * minute)).toBe(phase)
  })

  it('leaves time to work with the shortest idle time', () => {
    const short = { ...times, idleMs: minute }
    expect(phaseOf(short, 10_000)).toBe('open')
    expect(phaseOf(short, 20_000)).toBe('ending')
  })

  it('is over at the limit of the session, also when it is in use', () => {
    expect(phaseOf({ ...times, usedAt: times.endsAt }, times.endsAt + 1)).toBe('over')
  })

  it.each([
    [5 * minute, 'ended'],
    [29 * minute, 'idle'],
    [12 * 60 * minute, 'limit'],
  ])('after %s ms has the reason "%s"', (at, reason) => {
    expect(whyEnded(times, at)).toBe(reason)
  })

  it('has no reason of its own while the limits are unknown', () => {
    expect(whyEnded({ usedAt: 0, idleMs: Infinity, endsAt: Infinity }, minute)).toBe('ended')
  })
})
