/** The only source of the current time. Tests start the server with an offset that both threads share. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** A clock with an offset to the system clock, for tests of expiry and waiting. */
export function offsetClock(offsetMs: () => number): Clock {
  return { now: () => new Date(Date.now() + offsetMs()) }
}

/** The current time as it is stored and answered: RFC 3339, UTC, milliseconds. It sorts as text. */
export function timestamp(clock: Clock): string {
  return clock.now().toISOString()
}

export function later(from: Date, byMs: number): string {
  return new Date(from.getTime() + byMs).toISOString()
}

/**
 * How far a stored time may lie in the future, in milliseconds. Clocks are corrected, and the clocks of two processes
 * differ. A later time was stored by a wrong clock and must not extend a session, a proof or a wait.
 */
export const maxSkewMs = 5 * 60_000
