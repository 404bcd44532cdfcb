/** Signs a client in: reads the facts, has the password checked, decides and registers the connection. */
import type { Decision, RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { CommonNameResult } from '@gatehouse/pki/read/common-name'
import type { Client, ConnectPacket } from 'aedes'
import { judgeConnect } from '../../access/decision/connect.ts'
import {
  type AcceptingListener,
  claimedUsername,
  type Evidence,
  evidenceOf,
  type PasswordEvidence,
  type PresentedCredentials,
} from '../../access/decision/evidence.ts'
import type { DecisionUser } from '../../access/decision/facts.ts'
import type { Admitted, ConnectDecision, PasswordNeeded } from '../../access/decision/outcome.ts'
import { compileRights } from '../../access/decision/topics.ts'
import { describePresented } from '../../certificates/trust/presented-certificate.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import type { Connection } from './connection.ts'
import type { Passwords } from './passwords.ts'
import { type RegisterParts, register } from './register.ts'
import { type ReturnCode, returnCodeOf } from './return-codes.ts'
import type { BrokerStore } from './store.ts'

/** A second check is needed when the stored password changes during the first one. */
const maxPasswordChecks = 2

/** A socket whose handshake is done. */
export interface AcceptedSocket {
  listener: AcceptingListener
  address: string
  /** DER, the leaf first. */
  presented: readonly Uint8Array[]
  commonName: CommonNameResult
}

export type ConnectFields = Pick<ConnectPacket, 'clientId' | 'clean' | 'will' | 'username' | 'password'>

export interface Attempt {
  client: Client
  socket: AcceptedSocket
  fields: ConnectFields
}

export interface Refusal {
  outcome: 'refused'
  reason: RefusalReason
  returnCode: ReturnCode
  /** What is known about the client by now, for the Decisions page. */
  about: Partial<Decision>
}

/** `left`: the client closed its connection meanwhile. */
export type ConnectResult = { outcome: 'registered' } | { outcome: 'left' } | Refusal

export interface ConnectParts extends RegisterParts {
  store: Pick<BrokerStore, 'findUser'>
  trust: Trust
  passwords: Passwords
  /** `epoch` rises with each change that the broker enforces. */
  changes: { readonly epoch: number }
}

/** Admits and registers a client, or refuses it. */
export async function connect(parts: ConnectParts, attempt: Attempt): Promise<ConnectResult> {
  let credentials = readCredentials(parts.clock, attempt)
  for (let passwordChecks = 0; ; ) {
    const { epoch } = parts.changes
    const user = await findClaimedUser(parts.store, credentials)
    // A change was enforced meanwhile. It is unknown whether the user was read before or after it.
    if (parts.changes.epoch !== epoch) continue
    // Must stay synchronous from here to the registration: a change after it finds the connection and reviews it.
    const signedIn = signIn(parts, { fields: attempt.fields, credentials, user })
    const { decision } = signedIn
    if (decision.outcome === 'admitted') {
      return register(parts, toConnection(parts, attempt, { ...decision, credentials }))
    }
    if (decision.outcome === 'refused' || passwordChecks === maxPasswordChecks) {
      return toRefusal(attempt, { ...signedIn, credentials, trust: parts.trust })
    }
    passwordChecks++
    const password = await checkPassword(parts.passwords, attempt, { needed: decision, user })
    credentials = { ...credentials, password, at: parts.clock.now() }
  }
}

interface SignIn {
  fields: ConnectFields
  credentials: PresentedCredentials
  user: DecisionUser | null
}

interface SignedIn {
  decision: ConnectDecision
  evidence: Evidence
  user: DecisionUser | null
}

/** Decides with the facts of this moment. */
function signIn({ trust, clientIds }: ConnectParts, { fields, credentials, user }: SignIn): SignedIn {
  const { clientId, clean: isClean = false, will = null } = fields
  const evidence = evidenceOf(credentials, { clientId, isClean, will }, (presented) =>
    trust.judge(presented, credentials.at),
  )
  const facts = { user, ceilings: trust.ceilings, clientIdOwner: clientIds.ownerIdOf(clientId) }
  return { decision: judgeConnect(evidence, facts), evidence, user }
}

async function findClaimedUser(
  store: ConnectParts['store'],
  credentials: PresentedCredentials,
): Promise<DecisionUser | null> {
  const certificate = credentials.presented.length > 0 ? credentials : null
  const claimed = claimedUsername({ ...credentials, certificate })
  return claimed === null ? null : store.findUser(claimed)
}

async function checkPassword(
  passwords: Passwords,
  { socket, fields }: Attempt,
  { needed, user }: { needed: PasswordNeeded; user: DecisionUser | null },
): Promise<PasswordEvidence> {
  const password = decodePassword(fields.password)
  if (password === null) return { state: 'wrong' }
  const state = await passwords.verify({ username: needed.username, password, address: socket.address }, user)
  return state === 'right' ? { state, credential: user?.credential ?? null } : { state }
}

function toConnection(
  { clock, trust }: ConnectParts,
  { client, fields }: Attempt,
  { user, method, verdict, credentials }: Admitted & { credentials: PresentedCredentials },
): { connection: Connection; verdict: Admitted['verdict'] } {
  const connection: Connection = {
    id: newId(clock.now()),
    client,
    clientId: fields.clientId || `auto-${newId(clock.now())}`,
    userId: user.id,
    username: user.username,
    since: timestamp(clock),
    isClean: fields.clean === true,
    credentials,
    method,
    certificate: verdict && describePresented(credentials.presented, verdict, trust),
    validUntil: verdict?.validUntil ?? null,
    rights: compileRights(user),
    refusedFilters: new Set(),
  }
  return { connection, verdict }
}

interface Refusing extends SignedIn {
  credentials: PresentedCredentials
  trust: Trust
}

function toRefusal({ fields }: Attempt, { decision, evidence, user, credentials, trust }: Refusing): Refusal {
  // Each check found the stored password changed: the client may try again.
  const refused = decision.outcome === 'refused' ? decision : ({ reason: 'busy', claim: null } as const)
  const verdict = evidence.certificate?.verdict ?? null
  const certificate = verdict && describePresented(credentials.presented, verdict, trust)
  const about = { ...describeClaim(evidence, user), clientId: fields.clientId || null, certificate }
  const topic = 'topic' in refused && refused.topic !== undefined ? { topic: refused.topic } : {}
  const { reason } = refused
  return { outcome: 'refused', reason, returnCode: returnCodeOf(refused), about: { ...about, ...topic } }
}

/** An MQTT username that no user has is not recorded: it may be a password in the wrong field. */
function describeClaim(evidence: Evidence, user: DecisionUser | null): Partial<Decision> {
  const claimed = claimedUsername(evidence)
  const isKnown = user !== null || evidence.certificate !== null
  return {
    username: isKnown ? claimed : null,
    unknownUsernameLength: isKnown || claimed === null ? null : Array.from(claimed).length,
    userId: user?.id ?? null,
  }
}

function readCredentials(clock: Clock, { socket, fields }: Attempt): PresentedCredentials {
  return {
    ...socket,
    // Some SDKs send an empty username and an empty password for none, also beside a certificate.
    username: fields.username || null,
    password: { state: fields.password?.length ? 'unchecked' : 'none' },
    at: clock.now(),
  }
}

// A password is bytes on the wire and text in the console. Bytes that are not UTF-8 cannot be a password that was set there.
function decodePassword(bytes: ConnectFields['password']): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
