/** What a client presents when it connects, and what was found out about it. No secret is in these types. */
import type { Listener } from '@gatehouse/contract/brokers/broker'
import type { StoredListener } from '@gatehouse/contract/brokers/listeners'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import type { CommonNameResult } from '@gatehouse/pki/read/common-name'

/** What of a listener decides about its connections. */
export interface ListenerRules extends Pick<Listener, 'clientCertificate'>, Pick<StoredListener, 'identity'> {
  trusted: TrustedAuthorities
}

/** Fingerprints of the CAs that a listener trusts. Null: all that are trusted here. Empty: none. */
export type TrustedAuthorities = StoredListener['trustedAuthorities']

/** The listener that accepted the connection. */
export interface AcceptingListener extends ListenerRules {
  id: string
  name: string
}

/** The password of the CONNECT. `credential` is the stored credential that it was right for. */
export type PasswordEvidence =
  | { state: 'none' | 'unchecked' | 'wrong' | 'throttled' | 'busy' }
  | { state: 'right'; credential: string | null }

/** What a client presented at CONNECT. Kept with its connection and its session, so that it can be judged again. */
export interface PresentedCredentials {
  listener: AcceptingListener
  /** No rule judges it. The embedder limits password attempts by it. */
  address: string
  /** DER, the leaf first. Empty: no certificate. */
  presented: readonly Uint8Array[]
  commonName: CommonNameResult
  /** The MQTT username. */
  username: string | null
  password: PasswordEvidence
  /** The time of the CONNECT. */
  at: Date
}

/** What the CONNECT asks for. */
export interface ConnectRequest {
  /** Empty: the client leaves the choice to the broker. */
  clientId: string
  isClean: boolean
  will: { topic: string } | null
}

/** What `judgeConnect` judges. */
export interface Evidence extends ConnectRequest {
  /** The moment for which it is judged. */
  at: Date
  listener: ListenerRules
  certificate: { verdict: ChainVerdict; commonName: CommonNameResult } | null
  username: string | null
  password: PasswordEvidence
}

/** Judges a chain (DER, the leaf first) by the CAs that the listener trusts and the revocations, of the moment `at`. */
export type JudgeChain = (
  presented: readonly Uint8Array[],
  judged: { at: Date; trusted: TrustedAuthorities },
) => ChainVerdict

/** Judges the chain of a client and adds the verdict to what else it presented. */
export function evidenceOf(
  { listener, presented, commonName, username, password }: PresentedCredentials,
  request: ConnectRequest,
  { judgeChain, at }: { judgeChain: JudgeChain; at: Date },
): Evidence {
  const { trusted } = listener
  const certificate = presented.length > 0 ? { verdict: judgeChain(presented, { at, trusted }), commonName } : null
  return { at, listener, certificate, username, password, ...request }
}

export function asksForCertificate({ clientCertificate }: ListenerRules): boolean {
  return clientCertificate === 'accepted' || clientCertificate === 'required'
}

type Claim = Pick<Evidence, 'listener' | 'username'> & { certificate: { commonName: CommonNameResult } | null }

/** Does the certificate name the user? Otherwise the MQTT username does. */
export function isNamedByCertificate(listener: ListenerRules): boolean {
  return asksForCertificate(listener) && listener.identity === 'certificate'
}

/** The username that the client claims. Not proved yet. */
export function claimedUsername({ listener, certificate, username }: Claim): string | null {
  if (!certificate || !isNamedByCertificate(listener)) return username
  return certificate.commonName.ok ? certificate.commonName.commonName : null
}
