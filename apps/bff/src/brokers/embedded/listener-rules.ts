import type { AcceptingListener } from '../../access/decision/evidence.ts'
import type { ListenerRecord } from '../listeners/listener.ts'

/** What the decision about a connection knows of its listener. */
export function rulesOf(record: ListenerRecord): AcceptingListener {
  const { id, name, tls, clientCertificate, identity, trustedAuthorities } = record
  return {
    id,
    name,
    clientCertificate: tls ? clientCertificate : 'none',
    identity,
    trusted: trustedAuthorities,
  }
}
