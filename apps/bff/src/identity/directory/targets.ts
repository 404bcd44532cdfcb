/** The servers that the settings of a directory name. */
import type { LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import type { DirectoryTarget } from './open-connection.ts'

export function targetsOf(settings: LdapSettings): DirectoryTarget[] {
  const { urls, tls, authorities, connectTimeoutMs, responseTimeoutMs } = settings
  return urls.map((url) => {
    const { hostname, port } = new URL(url)
    return {
      // The brackets of an IPv6 address belong to the URL only.
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (tls === 'ldaps' ? 636 : 389) : Number(port),
      tls,
      authorities,
      connectTimeoutMs,
      responseTimeoutMs,
    }
  })
}
