/** Which enforcer is at the other end of a connection: by its certificate, for each request again. */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { addressOfSocket } from '../../../platform/base/address.ts'
import { type EnrolmentContext, identify } from '../enrolment.ts'
import type { EnforcerHub } from '../hub.ts'
import { Refusal } from '../refusal.ts'
import type { EnforcerRecord } from '../store.ts'

export interface AuthenticationContext extends EnrolmentContext {
  hub: EnforcerHub
  /** The connection is not closed any more to make room for others. */
  identified(socket: Socket): void
}

/**
 * The listener accepts every TLS connection, so that it can say why a certificate is refused. A certificate counts only if the
 * enforcers' CA signed it, it is within its dates, and it is the present one of an enforcer. Throws `Refusal`.
 */
export async function authenticate(context: AuthenticationContext, socket: Socket): Promise<EnforcerRecord> {
  if (!(socket instanceof TLSSocket)) throw new Refusal('certificate_required')
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) throw new Refusal('certificate_required')
  if (!socket.authorized) throw new Refusal(isExpired(socket) ? 'certificate_expired' : 'certificate_refused')
  const enforcer = await identify(context, { certificate, address: addressOfSocket(socket) })
  if (!enforcer) throw new Refusal('unknown_enforcer')
  context.identified(socket)
  // A revocation ends the connections that are noted here. One that was committed meanwhile is seen by the next request.
  context.hub.find(enforcer.brokerId)?.connected(socket)
  return enforcer
}

function isExpired({ authorizationError }: TLSSocket): boolean {
  // Node types it as an error, and sets the code of OpenSSL.
  return String(authorizationError) === 'CERT_HAS_EXPIRED'
}
