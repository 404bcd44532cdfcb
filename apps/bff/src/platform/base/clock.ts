/**
 * The one clock. Tests start the server with an offset that both threads share; nothing else asks for the time.
 */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** A clock that runs beside the real one, for tests of expiry and of waits. */
export function offsetClock(offsetMs: () => number): Clock {
  return { now: () => new Date(Date.now() + offsetMs()) }
}

/** The moment as it is stored and answered: RFC 3339, UTC, milliseconds. Sorts as text. */
export function timestamp(clock: Clock): string {
  return clock.now().toISOString()
}

export function later(from: Date, byMs: number): string {
  return new Date(from.getTime() + byMs).toISOString()
}

/**
 * How far ahead of the clock a stored time may lie: clocks are corrected, and those of two processes differ. What lies further
 * ahead was stored while a clock was wrong, and must not stretch a session, a proof or a wait.
 */
export const maxSkewMs = 5 * 60_000
