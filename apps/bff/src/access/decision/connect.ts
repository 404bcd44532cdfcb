/**
 * Decides about a CONNECT. A client is admitted only as the user that its certificate or its right password proves, and only by the grants
 * of that user. The broker calls this at CONNECT, the review of live connections after each change, and *Check a certificate* and the
 * previews on request. The order is: listener, chain, Common Name and username, limits of the CA, user or admission rule, grants, client id, will.
 * The first rule that fails is the reason of the refusal.
 */
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import type { AdmissionFacts } from './admission.ts'
import type { LimiterPermissions } from './authority-limits.ts'
import { judgeCertificate, judgeCertificateAndPassword } from './certificate-rules.ts'
import {
  asksForCertificate,
  type ConnectRequest,
  type Evidence,
  isNamedByCertificate,
  type ListenerRules,
} from './evidence.ts'
import type { DecisionUser } from './facts.ts'
import type { Admitted, ConnectDecision, NewDeviceAdmitted, Note, PasswordNeeded, Proved, Refused } from './outcome.ts'
import { judgePassword } from './password-rules.ts'
import { compileRights, judgePublish } from './topics.ts'

/** What the server knows at the moment of the decision. */
export interface ConnectFacts {
  /** The user with exactly the claimed username. Null: there is none. */
  user: DecisionUser | null
  /** What decides about a device without a user. Null: such a device is refused. */
  admission: AdmissionFacts | null
  ceilings: LimiterPermissions
  /** Id of the user to whom the client id belongs. Null: it is free. */
  clientIdOwner: string | null
}

/** Decides about a CONNECT. Synchronous and without side effects. */
export function judgeConnect(evidence: Evidence, facts: ConnectFacts, note?: Note): ConnectDecision {
  const proof = proveUser(evidence, facts, note)
  if (proof.outcome !== 'proved') return proof
  return judgeRequest(evidence, { ...facts, proof })
}

/** Judges a TLS handshake, before the client may send a CONNECT. `verdict` is null when it presented nothing. Null: it may go on. */
export function judgeHandshake(listener: ListenerRules, verdict: ChainVerdict | null): RefusalReason | null {
  if (!asksForCertificate(listener)) return null
  if (verdict === null) return listener.clientCertificate === 'required' ? 'no_certificate' : null
  return verdict.trusted ? null : verdict.reason
}

function proveUser(evidence: Evidence, facts: ConnectFacts, note?: Note): Proved | Refused | PasswordNeeded {
  const { listener, certificate } = evidence
  if (certificate) note?.('listener', asksForCertificate(listener))
  if (certificate && asksForCertificate(listener)) {
    const judge = listener.identity === 'certificate' ? judgeCertificate : judgeCertificateAndPassword
    return judge({ ...evidence, certificate }, facts, note)
  }
  const missing = judgeHandshake(listener, null)
  return missing ? { outcome: 'refused', reason: missing, claim: null } : judgePassword(evidence, facts.user)
}

/** UTF-16 units, at most 768 bytes. This limit counts in Gatehouse: the engine's own (`clientIdBytes`) is for other embedders. */
const maxClientIdLength = 256

function judgeRequest(
  { listener, clientId, isClean, will, certificate }: Evidence,
  { proof, clientIdOwner }: ConnectFacts & { proof: Proved },
): Admitted | NewDeviceAdmitted | Refused {
  const { user, method, verdict, admittedBy } = proof
  const refuse = (reason: RefusalReason): Refused => ({
    outcome: 'refused',
    reason,
    claim: certificate && isNamedByCertificate(listener) ? 'certificate' : 'username',
  })
  if (!isClientId(clientId, isClean)) return refuse('bad_client_id')
  if (clientIdOwner !== null && clientIdOwner !== user.id) return refuse('client_id_taken')
  // The engine asks the policy for the topic of the will again when it has admitted the client. Here it decides also for callers without
  // an engine, such as the previews, and before a rule creates a user.
  const published = will && judgePublish(compileRights(user), will.topic)
  if (published && !published.isAllowed) return { ...refuse('will_refused'), topic: published.topic }
  if (admittedBy === null) return { outcome: 'admitted', user, method, verdict }
  // Only a certificate leads to a rule.
  return verdict
    ? { outcome: 'new-device', username: user.username, rule: admittedBy, verdict }
    : refuse('unknown_user')
}

// [MQTT-3.1.3-8]: an empty client id needs a clean session, because no other client could ask for the session again. The engine
// refuses or replaces an empty one before it asks the policy. This rule refuses it for a caller that does not.
function isClientId(clientId: string, isClean: ConnectRequest['isClean']): boolean {
  if (clientId === '') return isClean
  return clientId.length <= maxClientIdLength && !/\p{Cc}/u.test(clientId)
}
