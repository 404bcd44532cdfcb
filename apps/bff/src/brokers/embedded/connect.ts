// Rule: a connection is entered in the same step in which it is judged, and only if no change was told of since what it is judged by was
// read; a change after that finds it there.
import type { Decision, Listener, RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { CommonNameResult } from '@gatehouse/pki/read/common-name'
import type { Client, ConnectPacket } from 'aedes'
import {
  type Admission,
  claimedUsername,
  type Evidence,
  judgeAdmission,
  type ReturnCode,
  verdictBy,
} from '../../access/decision/connect.ts'
import { compileAccess } from '../../access/decision/topics.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import type { StoredUser } from '../../certificates/trust/user-facts-store.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import type { Connection, Connections, Shown } from './connections.ts'
import type { Passwords } from './passwords.ts'
import type { BrokerStore } from './store.ts'

const maxClientIdLength = 256

/** A socket whose handshake is done. */
export interface Arrival {
  listener: Listener['name']
  address: string
  presented: readonly Uint8Array[]
  commonName: CommonNameResult
}

/** What the CONNECT said. */
export type ConnectRequest = Pick<ConnectPacket, 'clientId' | 'clean' | 'will' | 'username' | 'password'>

export interface Refusal {
  reason: RefusalReason
  returnCode: ReturnCode
  /** What is known about it by now, for the Decisions page. */
  about: Partial<Decision>
}

interface Parts {
  clock: Clock
  store: BrokerStore
  trust: Trust
  passwords: Passwords
  connections: Connections
  /** `count` rises with each change that this thread is told of. */
  changes: { count: number }
}

export interface Attempt {
  client: Client
  arrival: Arrival
  request: ConnectRequest
  /** Puts the connection in its place; called in the step in which it was judged. */
  enter(connection: Connection): void
}

/** Null: admitted, and entered. */
export async function signIn(parts: Parts, attempt: Attempt): Promise<Refusal | null> {
  const shown = readShown(parts.clock, attempt)
  const first = await judgeAsItIs(parts, shown, (judged) =>
    judged.admission.outcome === 'password-needed' ? judged : conclude(parts, attempt, judged),
  )
  if (first === null || 'reason' in first) return first
  const enter = (judged: Judged) => conclude(parts, attempt, judged)
  const second = await judgeChecked(parts, attempt, { before: first, goOn: orOutdated(enter) })
  if (second === null || 'reason' in second) return second
  // The stored hash changed while the password was checked: a new password, or the same one hashed anew. Checked once more.
  return judgeChecked(parts, attempt, { before: second, goOn: enter })
}

/** Leaves open what was judged by a hash that is not the stored one any more. */
function orOutdated<T>(goOn: (judged: Judged) => T): (judged: Judged) => T | Judged {
  return (judged) => (judged.isOutdated ? judged : goOn(judged))
}

/** Checks the password, judges, and goes on in the same step. */
async function judgeChecked<T>(
  parts: Parts,
  attempt: Attempt,
  { before, goOn }: { before: Judged; goOn: (judged: Judged) => T },
): Promise<T> {
  const checked = await checkPassword(parts, attempt, before)
  // Time has passed: the user, the trust store and the client id are looked at again, as they are now.
  return judgeAsItIs(parts, { ...checked, at: parts.clock.now() }, goOn)
}

interface Judged {
  shown: Shown
  evidence: Evidence
  user: StoredUser | null
  admission: Admission
  /** The password was right for a hash that is not the stored one any more. */
  isOutdated: boolean
}

/** Reads, judges, and goes on in the same step. */
async function judgeAsItIs<T>(parts: Parts, shown: Shown, goOn: (judged: Judged) => T): Promise<T> {
  const { count } = parts.changes
  const claimed = claimedUsername({ ...shown, certificate: shown.presented.length > 0 ? shown : null })
  const user = claimed === null ? null : await parts.store.findUser(claimed)
  // Something changed while it was read: nobody can say whether before or after.
  if (parts.changes.count !== count) return judgeAsItIs(parts, shown, goOn)
  return goOn(judge(parts, shown, user))
}

function judge({ trust }: Parts, shown: Shown, user: StoredUser | null): Judged {
  const verdict = shown.presented.length > 0 ? trust.judge(shown.presented, shown.at) : null
  const evidence: Evidence = {
    certificate: verdict ? { verdict, commonName: shown.commonName, ceilings: trust.ceilings } : null,
    username: shown.username,
    password: shown.password,
  }
  // A password that changed while it was checked: which of the two was right is not known any more.
  const isOutdated = shown.password === 'right' && user?.credential !== shown.credential
  if (isOutdated) evidence.password = 'busy'
  return { shown, evidence, user, admission: judgeAdmission(evidence, user), isOutdated }
}

async function checkPassword(parts: Parts, { arrival, request }: Attempt, { evidence, user, shown }: Judged) {
  const username = claimedUsername(evidence) ?? ''
  const password = readPassword(request.password)
  const result =
    password === null ? 'wrong' : await parts.passwords.verify({ username, password, address: arrival.address }, user)
  return { ...shown, password: result, credential: user?.credential ?? null }
}

// From here to the end nothing waits.
function conclude(parts: Parts, attempt: Attempt, judged: Judged): Refusal | null {
  const { clock, trust, connections } = parts
  const { client, arrival, request } = attempt
  const { shown, evidence, user, admission } = judged
  const verdict = verdictBy(evidence.certificate?.verdict ?? null, admission)
  const certificate = verdict ? trust.describe(shown.presented, verdict) : null
  const about = { ...describeClaim(evidence, user), clientId: request.clientId || null, certificate }
  if (admission.outcome === 'password-needed') return refuse('busy', 3, about)
  if (admission.outcome === 'refused') return refuse(admission.reason, admission.returnCode, about)
  if (!user) return refuse('unknown_user', 5, about)

  const clientId = request.clientId === '' && request.clean ? `auto-${newId(clock.now())}` : request.clientId
  // [MQTT-3.1.3-8]: without a client id there is no session to keep.
  if (!isClientId(clientId)) return refuse('bad_client_id', 2, about)
  if (!connections.isFree(clientId, user.id)) return refuse('client_id_taken', 2, about)
  const access = compileAccess(user)
  const { will } = request
  if (will && !access.may('write', access.publishPrefix + will.topic)) {
    return refuse('will_refused', 5, { ...about, topic: access.publishPrefix + will.topic })
  }
  const connection: Connection = {
    id: newId(clock.now()),
    client,
    clientId,
    userId: user.id,
    username: user.username,
    listener: arrival.listener,
    address: arrival.address,
    since: timestamp(clock),
    isClean: request.clean === true,
    shown,
    method: admission.method,
    certificate,
    validUntil: verdict?.trusted ? verdict.validUntil : null,
    access,
    refusedFilters: new Set(),
  }
  attempt.enter(connection)
  return null
}

/** An MQTT username that no user has is not repeated: it may be a password that was typed into the wrong field. */
function describeClaim(evidence: Evidence, user: StoredUser | null) {
  const claimed = claimedUsername(evidence)
  const isKnown = user !== null || evidence.certificate !== null
  return {
    username: isKnown ? claimed : null,
    unknownUsernameLength: isKnown || claimed === null ? null : Array.from(claimed).length,
    userId: user?.id ?? null,
  }
}

function readShown(clock: Clock, { arrival, request }: Attempt): Shown {
  return {
    presented: arrival.presented,
    commonName: arrival.commonName,
    // SDKs send a username and a password of no characters for none, also beside a certificate.
    username: request.username || null,
    password: request.password?.length ? 'unchecked' : 'none',
    credential: null,
    at: clock.now(),
  }
}

// Bytes on the wire, text in the console: what is not UTF-8 was never set as a password.
function readPassword(bytes: ConnectRequest['password']): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function isClientId(clientId: string): boolean {
  return clientId.length > 0 && clientId.length <= maxClientIdLength && !/\p{Cc}/u.test(clientId)
}

function refuse(reason: RefusalReason, returnCode: ReturnCode, about: Partial<Decision>): Refusal {
  return { reason, returnCode, about }
}
