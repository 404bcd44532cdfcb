import type { ProxyEnvironment } from './platform/outbound/outbound-fetch.ts'

/** The proxy of the machine. As in curl, the lower case names come first. */
export function readProxy(env: Record<string, string | undefined>): ProxyEnvironment {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const
  const values = names.map((name): [string, string] => [name, env[name.toLowerCase()] || env[name] || ''])
  return Object.fromEntries(values.filter(([, value]) => value !== ''))
}
