/** What a change of a listener means for its connections. */
import type { StoredListener } from './listeners.ts'

type Settings = Pick<
  StoredListener,
  'purpose' | 'tls' | 'minimumTlsVersion' | 'proxyProtocol' | 'allowedOrigins' | 'upstream'
>

/**
 * Do connections that exist have to end? The bytes on the wire, or what the client proved, would be others. After any
 * other change the broker judges each connection again.
 */
export function needsNewConnections(before: Settings, after: Settings): boolean {
  return (
    before.purpose !== after.purpose ||
    before.upstream !== after.upstream ||
    before.tls !== after.tls ||
    before.minimumTlsVersion < after.minimumTlsVersion ||
    JSON.stringify(before.proxyProtocol) !== JSON.stringify(after.proxyProtocol) ||
    before.allowedOrigins.some((origin) => !after.allowedOrigins.includes(origin))
  )
}
