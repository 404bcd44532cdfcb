/**
 * Which counts an attempt belongs to. Console and MQTT have no count in common, nor have passwords and codes. A device or an
 * address that was right before for this user has a count of its own, which strangers cannot use up.
 */
import { createHash } from 'node:crypto'
import { networkOf } from '../../platform/base/address.ts'

/** `password` is tried in the console and by scripts, `mqtt` by MQTT clients; `factor` is the code. */
export type Secret = 'password' | 'mqtt' | 'factor'
const secrets: readonly Secret[] = ['password', 'mqtt', 'factor']

export interface Pool {
  key: string
  /** `own` waits grow; the others close at a ceiling. */
  rule: 'own' | 'user' | 'address'
}

/** What is known of where an attempt comes from. */
export interface Known {
  /** The hash of the device's secret, if this user came in from it before. */
  device: string | null
  isAddressKnown: boolean
}

export interface Ways {
  /** What this user was right from before. Each is counted; the attempt goes on while one of them is open. */
  known: readonly Pool[]
  /** How a stranger's attempt is counted: all of them, and all have to be open. Null for a known address, which is none. */
  strangers: readonly Pool[] | null
}

export function waysOf(
  { secret, username, address }: { secret: Secret; username: string; address: string },
  { device, isAddressKnown }: Known,
): Ways {
  const network = networkOf(address)
  const user = userKey(secret, username)
  const own: Pool = { key: `${user}|${network}`, rule: 'own' }
  const byDevice: Pool[] = device === null ? [] : [{ key: `${user}|device ${device}`, rule: 'own' }]
  if (isAddressKnown) return { known: [...byDevice, own], strangers: null }
  const strangers: Pool[] = [own, { key: user, rule: 'user' }, { key: addressKey(secret, network), rule: 'address' }]
  return { known: byDevice, strangers }
}

/** The pools of a user. Each stands also for those that begin with it and `|`. */
export function poolsOfUser(username: string): string[] {
  return secrets.map((secret) => userKey(secret, username))
}

export function poolsOfAddress(address: string): string[] {
  return secrets.map((secret) => addressKey(secret, networkOf(address)))
}

/** What the keys of all address pools begin with; the network follows. */
export const addressPrefixes = secrets.map((secret) => addressKey(secret, ''))

function userKey(secret: Secret, username: string): string {
  return `${secret}|user|${nameOf(username)}`
}

function addressKey(secret: Secret, network: string): string {
  return `${secret}|address|${network}`
}

/** What was typed may be a password in the wrong field: it is not kept as it is. Case does not count. */
function nameOf(username: string): string {
  return createHash('sha256').update(username.toLowerCase()).digest('base64url')
}
