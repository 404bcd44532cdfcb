/** What a client presents when it connects, and what was found out about it. No secret is in these types. */
import type { Listener } from '@gatehouse/contract/brokers/broker'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import type { CommonNameResult } from '@gatehouse/pki/read/common-name'

/** What of a listener decides about its connections. */
export type ListenerRules = Pick<Listener, 'clientCertificate'>

/** The listener that accepted the connection. */
export type AcceptingListener = Pick<Listener, 'name' | 'clientCertificate'>

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
  listener: ListenerRules
  certificate: { verdict: ChainVerdict; commonName: CommonNameResult } | null
  username: string | null
  password: PasswordEvidence
}

/** Judges a chain (DER, the leaf first) by the CAs and revocations of the moment `at`. */
export type JudgeChain = (presented: readonly Uint8Array[], at: Date) => ChainVerdict

/** Judges the chain of a client and adds the verdict to what else it presented. */
export function evidenceOf(
  { listener, presented, commonName, username, password }: PresentedCredentials,
  request: ConnectRequest,
  judgeChain: (presented: readonly Uint8Array[]) => ChainVerdict,
): Evidence {
  const certificate = presented.length > 0 ? { verdict: judgeChain(presented), commonName } : null
  return { listener, certificate, username, password, ...request }
}

export function asksForCertificate({ clientCertificate }: ListenerRules): boolean {
  return clientCertificate === 'accepted' || clientCertificate === 'required'
}

type Claim = Pick<Evidence, 'listener' | 'username'> & { certificate: { commonName: CommonNameResult } | null }

/** The username that the client claims. Not proved yet. With a certificate it is the Common Name, otherwise the MQTT username. */
export function claimedUsername({ listener, certificate, username }: Claim): string | null {
  if (!certificate || !asksForCertificate(listener)) return username
  return certificate.commonName.ok ? certificate.commonName.commonName : null
}
