import { isIP } from 'node:net'

/** Does this host name or address mean this machine? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
