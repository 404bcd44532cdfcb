/**
 * Remembers where a user has signed in from: devices (a long-lived cookie) and addresses. OWASP's "device cookies" are signed. Ours
 * are random and stored as a hash: their number is bounded, a new password ends them, and each sign-in replaces the secret of the
 * device, so that a stolen copy stops working.
 */
import { networkOf } from '../../platform/base/address.ts'
import { type Clock, later, timestamp } from '../../platform/base/clock.ts'
import { hashSecret, newSecret } from '../../platform/base/secret.ts'
import type { Trx } from '../../platform/db/open.ts'
import {
  deleteSources,
  deleteSourcesBeyond,
  devicesInCookie,
  findDevices,
  findLastRight,
  type KnownSource,
  type NamedSource,
  type SourceKind,
  writeSource,
} from './known-sources-store.ts'
import type { Secret } from './pools.ts'

/** The origin of a request or a connection. */
export interface Source {
  address: string
  /** Secrets of the device cookie; empty without a browser. */
  devices: readonly string[]
}

/** A source is unknown again when it was not right for this long. */
export const knownForMs = 180 * 24 * 60 * 60_000
/** The server writes a known address at most this often, so that most sign-ins of machines write nothing. */
const touchEveryMs = 24 * 60 * 60_000
/** Sources of one user. The ones that were right last stay. */
const most: Record<SourceKind, number> = { device: 10, console: 30, mqtt: 100 }
/**
 * What an attempt may be known by: its address, and the devices of its cookie. The console and MQTT do not share known addresses.
 */
export function sourcesOf({ secret, source }: { secret: Secret; source: Source }): NamedSource[] {
  const network = networkOf(source.address)
  if (secret === 'mqtt') return [{ kind: 'mqtt', source: network }]
  const devices = source.devices.map((device) => ({ kind: 'device' as const, source: hashSecret(device) }))
  return [{ kind: 'console', source: network }, ...devices]
}

/** Since when a source must have been right. */
export function knownSince(clock: Clock): string {
  return later(clock.now(), -knownForMs)
}

/** Makes this address known. Call it after a complete sign-in. */
export async function rememberAddress(
  trx: Trx,
  clock: Clock,
  { userId, kind, address }: { userId: string; kind: 'console' | 'mqtt'; address: string },
): Promise<void> {
  const source = networkOf(address)
  const lastRightAt = await findLastRight(trx, { userId, kind, source })
  if (lastRightAt !== null && Math.abs(clock.now().getTime() - Date.parse(lastRightAt)) < touchEveryMs) return
  await remember(trx, clock, { userId, kind, source })
}

/** Makes this browser known. Returns the secrets for its cookie, with a new one for this user. */
export async function rememberDevice(
  trx: Trx,
  clock: Clock,
  { userId, devices }: { userId: string; devices: readonly string[] },
): Promise<string[]> {
  const old = new Set(await findDevices(trx, userId, devices.map(hashSecret)))
  await deleteSources(trx, { userId, kind: 'device', sources: [...old] })
  const secret = newSecret()
  await remember(trx, clock, { userId, kind: 'device', source: hashSecret(secret) })
  return [secret, ...devices.filter((device) => !old.has(hashSecret(device)))].slice(0, devicesInCookie)
}

/** Makes address and browser known. Returns null where the client is no browser and keeps no cookie. */
export async function rememberSource(
  trx: Trx,
  clock: Clock,
  { userId, source }: { userId: string; source: Source & { isBrowser: boolean } },
): Promise<string[] | null> {
  await rememberAddress(trx, clock, { userId, kind: 'console', address: source.address })
  return source.isBrowser ? rememberDevice(trx, clock, { userId, devices: source.devices }) : null
}

async function remember(
  trx: Trx,
  clock: Clock,
  { userId, kind, source }: Pick<KnownSource, 'kind' | 'source'> & { userId: string },
): Promise<void> {
  await writeSource(trx, { userId, kind, source, lastRightAt: timestamp(clock) })
  await deleteSourcesBeyond(trx, { userId, kind, most: most[kind] })
}
