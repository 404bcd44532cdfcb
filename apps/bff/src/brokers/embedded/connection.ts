import type { Client } from '@gatehouse/mqtt/policy'
import type { PresentedCredentials } from '../../access/decision/evidence.ts'
import type { DecisionUser } from '../../access/decision/facts.ts'
import type { Method } from '../../access/decision/outcome.ts'
import type { TopicRights } from '../../access/decision/topics.ts'
import type { CertificateFacts } from '../../certificates/trust/presented-certificate.ts'

/** A client with a connection or a stored session: what the engine keeps as `Client.data`. */
export interface SessionHolder {
  clientId: string
  userId: string
  username: string
  credentials: PresentedCredentials
  rights: TopicRights
  /** What was recorded already. A client that repeats a refused packet causes one decision for each reason and topic. Null: nothing. */
  recorded: Set<string> | null
}

/** A client that was admitted. It is the holder of its session also after the connection has ended. */
export interface Connection extends SessionHolder {
  id: string
  /** The engine's number for the connection. Null until the engine has registered it. */
  engineId: number | null
  since: string
  method: Method
  /** The name of the rule that created the user for this connection. Null: the user existed. */
  admissionRule: string | null
  certificate: CertificateFacts | null
  /** Fingerprint of the key that signed the certificate. Null: without a certificate. */
  issuerKey: string | null
  /** When the accepted path of certificates ends, or the password. */
  validUntil: Date | null
}

interface Admission {
  method: Method
  user: Pick<DecisionUser, 'passwordEndsAt'>
  verdict: { trusted: false } | { trusted: true; validUntil: Date } | null
}

/** What admitted a client ends at this time. Null: it has no end. */
export function endOf(
  { password }: Pick<PresentedCredentials, 'password'>,
  { method, user, verdict }: Admission,
): Date | null {
  // A client may have sent a right password that its user does not need any more. Its end must not end the connection.
  const isByPassword = method !== 'certificate' && password.state === 'right'
  const ofPassword = isByPassword ? user.passwordEndsAt : null
  const ofCertificate = verdict?.trusted ? verdict.validUntil : null
  if (ofPassword === null || ofCertificate === null) return ofPassword ?? ofCertificate
  return ofPassword < ofCertificate ? ofPassword : ofCertificate
}

/** `policy.ts` sets the data of every client. */
export function holderOf({ data }: Client): SessionHolder {
  return data as SessionHolder
}

/** Null: a stored session that nobody has taken up since the start. */
export function connectionOf(client: Client): Connection | null {
  const holder = holderOf(client)
  return 'id' in holder ? (holder as Connection) : null
}
