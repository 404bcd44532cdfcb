/**
 * The pools in which an attempt counts. The console and MQTT share no pool, and passwords and codes share none. A device or address
 * that was right before for this user has its own pool, which attempts from elsewhere cannot use up.
 */
import { hash } from 'node:crypto'
import { networkOf } from '../../platform/base/address.ts'

/** `password`: the console and scripts. `mqtt`: passwords of MQTT clients. `factor`: codes. */
export type Secret = 'password' | 'mqtt' | 'factor'
const secrets: readonly Secret[] = ['password', 'mqtt', 'factor']

export interface Pool {
  key: string
  /** Waits of an `own` pool grow. The others close at a ceiling. */
  rule: 'own' | 'user' | 'address'
}

/** What is known about the source of an attempt. */
export interface Known {
  /** The hash of the device's secret, if this user has signed in from it before. */
  device: string | null
  isAddressKnown: boolean
}

export interface SourcePools {
  /** Pools of known sources. The attempt counts in each of them, and goes on while one is open. */
  known: readonly Pool[]
  /** Pools of an unknown source. The attempt counts in all of them, and all have to be open. Null for a known address. */
  unknown: readonly Pool[] | null
}

export function poolsOfSource(
  { secret, username, address }: { secret: Secret; username: string; address: string },
  { device, isAddressKnown }: Known,
): SourcePools {
  const network = networkOf(address)
  const user = userKey(secret, username)
  const own: Pool = { key: `${user}|${network}`, rule: 'own' }
  const byDevice: Pool[] = device === null ? [] : [devicePool(user, device)]
  if (isAddressKnown) return { known: [...byDevice, own], unknown: null }
  const unknown: Pool[] = [own, { key: user, rule: 'user' }, { key: addressKey(secret, network), rule: 'address' }]
  return { known: byDevice, unknown }
}

/** Keys of all pools in which an attempt may count, from a known source or an unknown one. */
export function possiblePools(
  attempt: { secret: Secret; username: string; address: string },
  devices: readonly string[],
): string[] {
  const { known, unknown } = poolsOfSource(attempt, { device: null, isAddressKnown: false })
  const byDevice = devices.map((device) => devicePool(userKey(attempt.secret, attempt.username), device))
  return [...known, ...(unknown ?? []), ...byDevice].map(({ key }) => key)
}

/** Keys of the pools of a user. Each also stands for all keys that begin with it and `|`. */
export function poolsOfUser(username: string): string[] {
  return secrets.map((secret) => userKey(secret, username))
}

export function poolsOfAddress(address: string): string[] {
  return secrets.map((secret) => addressKey(secret, networkOf(address)))
}

/** The prefixes of the keys of address pools. The network follows. */
export const addressPrefixes = secrets.map((secret) => addressKey(secret, ''))

function devicePool(user: string, device: string): Pool {
  return { key: `${user}|device ${device}`, rule: 'own' }
}

function userKey(secret: Secret, username: string): string {
  return `${secret}|user|${nameOf(username)}`
}

function addressKey(secret: Secret, network: string): string {
  return `${secret}|address|${network}`
}

/** The typed name may be a password in the wrong field, so only its hash is kept. Case does not matter. */
function nameOf(username: string): string {
  return hash('sha256', username.toLowerCase(), 'base64url')
}
