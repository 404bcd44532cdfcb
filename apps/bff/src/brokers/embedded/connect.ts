/** Signs a client in: reads the facts, has the password checked, and decides. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Decision } from '@gatehouse/contract/brokers/broker'
import type * as engine from '@gatehouse/mqtt/policy'
import type { CommonNameResult } from '@gatehouse/pki/read/common-name'
import type { AdmissionFacts } from '../../access/decision/admission.ts'
import { judgeConnect } from '../../access/decision/connect.ts'
import {
  type AcceptingListener,
  claimedUsername,
  type Evidence,
  evidenceOf,
  isNamedByCertificate,
  type PasswordEvidence,
  type PresentedCredentials,
} from '../../access/decision/evidence.ts'
import type { DecisionUser } from '../../access/decision/facts.ts'
import type { Admitted, ConnectDecision, PasswordNeeded, Refused } from '../../access/decision/outcome.ts'
import { compileRights } from '../../access/decision/topics.ts'
import { describePresented } from '../../certificates/trust/presented-certificate.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import type { ClientIds } from './client-ids.ts'
import { type Connection, endOf } from './connection.ts'
import { writeMemo } from './credentials-memo.ts'
import type { DeviceAdmissions } from './device-admissions.ts'
import type { Epoch } from './epoch.ts'
import type { Passwords } from './passwords.ts'
import type { BrokerStore } from './store.ts'

/** A second check is needed when the stored password changes during the first one. */
const maxPasswordChecks = 2

/** The listener of a connection. What it says now counts, not what it said when the connection was accepted. */
export interface AcceptedBy {
  readonly isOpen: boolean
  readonly rules: AcceptingListener
  /** A client has signed in on this TCP connection. */
  identified(tcp: Socket): void
}

/** A socket whose handshake is done: the context that the engine hands back. */
export interface AcceptedSocket {
  socket: Duplex
  /** The TCP socket below it. */
  tcp: Socket
  listener: AcceptedBy
  address: string
  /** DER, the leaf first. */
  presented: readonly Uint8Array[]
  commonName: CommonNameResult
}

export type ConnectFields = Pick<engine.ConnectRequest, 'clientId' | 'isClean' | 'will' | 'username' | 'password'>

export interface Attempt {
  socket: AcceptedSocket
  fields: ConnectFields
}

/** Why the policy refuses something: what `Refused.refused` is for the engine. */
export interface PolicyRefusal extends Pick<Refused, 'reason' | 'claim'> {
  /** What is known about the client by now, for the Decisions page. */
  about: About
}

export type About = Partial<Omit<Decision, 'outcome' | 'reason'>>

export interface ConnectParts {
  clock: Clock
  store: Pick<BrokerStore, 'findUser'>
  trust: Trust
  passwords: Passwords
  clientIds: ClientIds
  epoch: Epoch
  admissions: Pick<DeviceAdmissions, 'factsFor' | 'createUser' | 'ruleOf'>
}

/** Admits a client or refuses it. */
export async function connect(
  parts: ConnectParts,
  attempt: Attempt,
): Promise<engine.Admitted | { refused: PolicyRefusal }> {
  let credentials = readCredentials(parts.clock, attempt)
  let hasBeenAdmitted = false
  for (let passwordChecks = 0; ; ) {
    const readAt = parts.epoch.current
    const { listener } = attempt.socket
    if (!listener.isOpen) return { refused: { reason: 'listener_closed', claim: null, about: {} } }
    credentials = { ...credentials, listener: listener.rules }
    const user = await findClaimedUser(parts.store, credentials)
    const admission = user ? null : await findAdmission(parts, credentials)
    // A change was enforced meanwhile. It is unknown whether the user was read before or after it.
    if (parts.epoch.current !== readAt) continue
    const signedIn = decide(parts, { fields: attempt.fields, credentials, user, admission })
    const { decision } = signedIn
    if (decision.outcome === 'admitted') {
      return {
        ...toConnection(parts, attempt, { ...decision, credentials }),
        isOutdated: () => parts.epoch.current !== readAt,
      }
    }
    if (decision.outcome === 'new-device') {
      // The user was deleted since: the device may try again.
      const { reason } = hasBeenAdmitted ? tooMany : await parts.admissions.createUser(decision, attempt.socket.address)
      hasBeenAdmitted = true
      if (reason === null) continue
      const refused = { outcome: 'refused', reason, claim: 'certificate' } as const
      return { refused: toRefusal(attempt, { ...signedIn, decision: refused, credentials, trust: parts.trust }) }
    }
    if (decision.outcome === 'refused' || passwordChecks === maxPasswordChecks) {
      return { refused: toRefusal(attempt, { ...signedIn, credentials, trust: parts.trust }) }
    }
    passwordChecks++
    const password = await checkPassword(parts.passwords, attempt, { needed: decision, user })
    credentials = { ...credentials, password, at: parts.clock.now() }
  }
}

const tooMany = { reason: 'admission_busy' } as const

interface DecisionInput {
  fields: ConnectFields
  credentials: PresentedCredentials
  user: DecisionUser | null
  admission: AdmissionFacts | null
}

interface Decided {
  decision: ConnectDecision
  evidence: Evidence
  user: DecisionUser | null
}

/** Decides with the facts of this moment. */
function decide({ trust, clientIds }: ConnectParts, { fields, credentials, user, admission }: DecisionInput): Decided {
  const { clientId, isClean, will = null } = fields
  const evidence = evidenceOf(credentials, { clientId, isClean, will }, { judgeChain: trust.judge, at: credentials.at })
  const facts = { user, admission, ceilings: trust.ceilings, clientIdOwner: clientIds.ownerIdOf(clientId) }
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

/** Null: no rule could admit the client. */
async function findAdmission(
  { admissions }: ConnectParts,
  { listener, presented, commonName }: PresentedCredentials,
): Promise<AdmissionFacts | null> {
  if (presented.length === 0 || !isNamedByCertificate(listener) || !commonName.ok) return null
  return admissions.factsFor(commonName.commonName)
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
  parts: ConnectParts,
  { fields }: Attempt,
  { user, method, verdict, credentials }: Admitted & { credentials: PresentedCredentials },
): engine.Admitted {
  const { clock, trust } = parts
  const connection: Connection = {
    id: newId(clock.now()),
    engineId: null,
    clientId: fields.clientId,
    userId: user.id,
    username: user.username,
    since: timestamp(clock),
    credentials,
    method,
    admissionRule: parts.admissions.ruleOf(user.username),
    certificate: verdict && describePresented(credentials.presented, verdict, trust),
    issuerKey: verdict?.path[0]?.issuerKeyFingerprint ?? null,
    validUntil: endOf(credentials, { method, user, verdict }),
    rights: compileRights(user),
    recorded: null,
  }
  return { user: user.id, data: connection, memo: writeMemo(credentials) }
}

interface Refusing extends Decided {
  credentials: PresentedCredentials
  trust: Trust
}

function toRefusal({ fields }: Attempt, { decision, evidence, user, credentials, trust }: Refusing): PolicyRefusal {
  // Each check found the stored password changed: the client may try again.
  const refused = decision.outcome === 'refused' ? decision : ({ reason: 'busy', claim: null } as const)
  const verdict = evidence.certificate?.verdict ?? null
  const certificate = verdict && describePresented(credentials.presented, verdict, trust)
  const about = { ...describeClaim(evidence, user), clientId: fields.clientId || null, certificate }
  const topic = 'topic' in refused && refused.topic !== undefined ? { topic: refused.topic } : {}
  const { reason, claim } = refused
  return { reason, claim, about: { ...about, ...topic } }
}

/** An MQTT username that no user has is not recorded: it may be a password in the wrong field. */
function describeClaim(evidence: Evidence, user: DecisionUser | null): About {
  const claimed = claimedUsername(evidence)
  const isNamed = evidence.certificate !== null && isNamedByCertificate(evidence.listener)
  const isKnown = user !== null || isNamed
  return {
    username: isKnown ? claimed : null,
    unknownUsernameLength: isKnown || claimed === null ? null : Array.from(claimed).length,
    userId: user?.id ?? null,
  }
}

function readCredentials(
  clock: Clock,
  { socket: { listener, address, presented, commonName }, fields }: Attempt,
): PresentedCredentials {
  return {
    listener: listener.rules,
    address,
    presented,
    commonName,
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
