/** When the session ends, as far as the console can know: the server decides. All times are milliseconds since 1970. */
import type { Session } from '@gatehouse/contract/identity/sign-in'
import { tellOtherTabs } from './session-channel.ts'

export interface SessionTimes {
  /** The last request that the server answered. */
  usedAt: number
  idleMs: number
  /** The end of a session that is used all the time. */
  endsAt: number
}

/** The server writes the last use at most once a minute, so the session may end this much earlier. */
const writtenEveryMs = 60_000
/** How long the warning stands, at most. */
const warningMs = 120_000

let times: SessionTimes = { usedAt: 0, idleMs: Infinity, endsAt: Infinity }
let toldAt = 0

export function sessionTimes(): SessionTimes {
  return times
}

/** Does not count as use: the console looks at the session by itself too. */
export function noteLifetime({ lifetime }: Session, now: number): void {
  if (!lifetime) return
  const { idleSeconds, remainingSeconds } = lifetime
  times = { ...times, idleMs: idleSeconds * 1_000, endsAt: now + remainingSeconds * 1_000 }
}

/** The server has answered a request of this session. The other tabs have the same session. */
export function noteUse(now: number): void {
  noteUseElsewhere(now)
  if (now - toldAt < writtenEveryMs / 2) return
  toldAt = now
  tellOtherTabs({ event: 'used', at: now })
}

export function noteUseElsewhere(at: number): void {
  times = { ...times, usedAt: Math.max(times.usedAt, at) }
}

/** The earliest moment at which an unused session can end. */
export function idleEndOf({ usedAt, idleMs }: SessionTimes): number {
  return usedAt + idleMs - Math.min(writtenEveryMs, idleMs / 2)
}

/** `ending`: the person is asked whether to stay. `over`: the server has ended the session by now. */
export function phaseOf(of: SessionTimes, now: number): 'open' | 'ending' | 'over' {
  if (now > of.usedAt + of.idleMs || now > of.endsAt) return 'over'
  return now >= idleEndOf(of) - Math.min(warningMs, of.idleMs / 4) ? 'ending' : 'open'
}

/** Why the server may have ended the session: it does not say. `ended`: neither of the two limits was reached. */
export function whyEnded(of: SessionTimes, now: number): 'idle' | 'limit' | 'ended' {
  if (now >= of.endsAt) return 'limit'
  return now >= idleEndOf(of) ? 'idle' : 'ended'
}
