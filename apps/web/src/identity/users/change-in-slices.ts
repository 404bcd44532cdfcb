/**
 * One change of more users than a call takes: call after call, each in one transaction, so that other writes do not wait for all of
 * them. Users whom the server refuses by name are left out, and the rest of their slice is sent again.
 */
import type { BrokerImpact, BrokerResult } from '@gatehouse/contract/base'
import { ApiProblem, type Call } from '@gatehouse/contract/client'
import type { FieldCode } from '@gatehouse/contract/errors'
import { maxUsersChanged, userChanges } from '@gatehouse/contract/identity/user-changes'
import type { User, UserImpact } from '@gatehouse/contract/identity/users'
import type { Body } from '@gatehouse/contract/route'

export type Change = Body<typeof userChanges.apply>['change']

export interface Refused {
  username: string
  code: FieldCode
}

export interface Report {
  changed: number
  /** Null: a broker did not confirm one of the calls. */
  disconnected: number | null
  /** The sum of all calls. */
  disconnectedByBroker: BrokerResult[]
  refused: Refused[]
  /** Users that were not sent, because a call failed or the person stopped. */
  left: number
  /** Why the rest was not sent. */
  error: unknown
}

interface Slices {
  users: readonly User[]
  change: Change
  call: Call
  /** Called before each call with the number of users that are done. */
  onProgress: (done: number) => void
  isWanted: () => boolean
}

export async function changeInSlices({ users, change, call, onProgress, isWanted }: Slices): Promise<Report> {
  const report: Report = {
    changed: 0,
    disconnected: 0,
    disconnectedByBroker: [],
    refused: [],
    left: users.length,
    error: null,
  }
  for (const slice of slicesOf(users)) {
    if (!isWanted()) return report
    onProgress(users.length - report.left)
    try {
      const { changed, disconnected, disconnectedByBroker, refused } = await changeAllowed(slice, change, call)
      report.changed += changed
      report.disconnected = sum(report.disconnected, disconnected)
      report.disconnectedByBroker = addByBroker(report.disconnectedByBroker, disconnectedByBroker, (one, other) => ({
        ...other,
        confirmed: one.confirmed && other.confirmed,
        disconnected: sum(one.disconnected, other.disconnected),
      }))
      report.refused.push(...refused)
      report.left -= slice.length
    } catch (error) {
      return { ...report, error }
    }
  }
  return report
}

/** Ends, because each refusal makes the slice shorter. */
async function changeAllowed(slice: readonly User[], change: Change, call: Call) {
  const refused: Refused[] = []
  let rest = slice
  while (rest.length > 0) {
    try {
      const answer = await call(userChanges.apply, { body: { users: rest.map(({ id }) => id), change } })
      return { ...answer, refused }
    } catch (error) {
      const faults = faultsByIndex(error)
      if (faults.size === 0) throw error
      refused.push(...rest.flatMap(({ username }, at) => refusalOf(username, faults.get(at))))
      rest = rest.filter((_, at) => !faults.has(at))
    }
  }
  return { changed: 0, disconnected: 0, disconnectedByBroker: [], refused }
}

function refusalOf(username: string, code: FieldCode | undefined): Refused[] {
  return code === undefined ? [] : [{ username, code }]
}

/** The first fault of each user. Empty if the server refused the call as a whole. */
function faultsByIndex(error: unknown): ReadonlyMap<number, FieldCode> {
  const faults = new Map<number, FieldCode>()
  if (!(error instanceof ApiProblem)) return faults
  for (const [path, code] of Object.entries(error.fields)) {
    const at = Number(/^users\.(\d+)\./.exec(path)?.[1] ?? Number.NaN)
    if (!Number.isNaN(at) && !faults.has(at)) faults.set(at, code)
  }
  return faults
}

/** What the change would end, in total. */
export async function impactInSlices(users: readonly User[], change: Change, call: Call): Promise<UserImpact> {
  const total: UserImpact = { connections: 0, connectionsByBroker: [], sessions: 0, tokens: 0 }
  for (const slice of slicesOf(users)) {
    const impact = await call(userChanges.impact, { body: { users: slice.map(({ id }) => id), change } })
    total.connections = sum(total.connections, impact.connections)
    total.connectionsByBroker = addByBroker(total.connectionsByBroker, impact.connectionsByBroker, addImpacts)
    total.sessions += impact.sessions
    total.tokens += impact.tokens
  }
  return total
}

function slicesOf(users: readonly User[]): User[][] {
  const count = Math.ceil(users.length / maxUsersChanged)
  return Array.from({ length: count }, (_, at) => users.slice(at * maxUsersChanged, (at + 1) * maxUsersChanged))
}

/** A broker that only one of the lists has was added or removed in between. */
function addByBroker<T extends { id: string }>(
  sums: readonly T[],
  more: readonly T[],
  add: (one: T, other: T) => T,
): T[] {
  const byId = new Map(sums.map((each) => [each.id, each]))
  for (const each of more) {
    const before = byId.get(each.id)
    byId.set(each.id, before ? add(before, each) : each)
  }
  return [...byId.values()]
}

/** From the least to the most. */
const endings = ['nothing', 'concerned', 'all'] as const

function addImpacts(one: BrokerImpact, other: BrokerImpact): BrokerImpact {
  const isKnown = one.ends !== null && other.ends !== null
  const ends = endings.findLast((each) => each === one.ends || each === other.ends) ?? null
  return { ...other, ends: isKnown ? ends : null, connections: sum(one.connections, other.connections) }
}

function sum(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other
}
