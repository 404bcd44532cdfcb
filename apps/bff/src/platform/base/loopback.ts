import { isIP } from 'node:net'

/** Does this host, as a name or an address, mean this machine itself? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
