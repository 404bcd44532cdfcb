/**
 * From where a user came in before: devices (a browser's long-lived cookie) and addresses. After OWASP's "device cookies", but
 * random and stored as a hash instead of signed: so their number has a bound, a new password ends them, and a device's secret is
 * replaced at each sign-in, which makes a stolen copy worthless.
 */
import { networkOf } from '../../platform/base/address.ts'
import { type Clock, later, timestamp } from '../../platform/base/clock.ts'
import { hashSecret, newSecret } from '../../platform/base/secret.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import {
  deleteSources,
  deleteSourcesBeyond,
  findSources,
  type KnownSource,
  type SourceKind,
  writeSource,
} from './known-sources-store.ts'
import type { Known, Secret } from './pools.ts'

/** Where a request or a connection comes from. */
export interface Source {
  address: string
  /** Secrets of the device cookie; none where there is no browser. */
  devices: readonly string[]
}

/** A device or an address where nobody was right for so long is a stranger's. */
export const knownForMs = 180 * 24 * 60 * 60_000
/** An address is written at most this often: a sign-in of a machine is not a write. */
const touchEveryMs = 24 * 60 * 60_000
/** Of one user. The one that was right last stays. */
const most: Record<SourceKind, number> = { device: 10, console: 30, mqtt: 100 }
/** Of one browser: as many users may take turns at it. */
export const devicesInCookie = 5

/** What is known of where this attempt comes from. A known address of the console is a stranger's to MQTT, and the other way round. */
export async function findKnown(
  db: Db,
  clock: Clock,
  { secret, userId, source }: { secret: Secret; userId: string | null; source: Source },
): Promise<Known> {
  if (userId === null) return { device: null, isAddressKnown: false }
  const devices = secret === 'mqtt' ? [] : source.devices.map(hashSecret)
  const address = { kind: secret === 'mqtt' ? 'mqtt' : 'console', source: networkOf(source.address) } as const
  const wanted = [address, ...devices.map((device) => ({ kind: 'device' as const, source: device }))]
  const found = await findSources(db, { userId, wanted, since: later(clock.now(), -knownForMs) })
  return {
    device: found.find(({ kind }) => kind === 'device')?.source ?? null,
    isAddressKnown: found.some(({ kind }) => kind !== 'device'),
  }
}

/** The user is in, by everything that it takes: from now on this address is known. */
export async function rememberAddress(
  trx: Trx,
  clock: Clock,
  { userId, kind, address }: { userId: string; kind: 'console' | 'mqtt'; address: string },
): Promise<void> {
  const source = networkOf(address)
  const [known] = await findSources(trx, { userId, wanted: [{ kind, source }], since: '' })
  if (known && Math.abs(clock.now().getTime() - Date.parse(known.lastRightAt)) < touchEveryMs) return
  await remember(trx, clock, { userId, kind, source })
}

/** Likewise for a browser. Answers with the secrets that its cookie holds from now on: a new one for this user. */
export async function rememberDevice(
  trx: Trx,
  clock: Clock,
  { userId, devices }: { userId: string; devices: readonly string[] },
): Promise<string[]> {
  const wanted = devices.map((device) => ({ kind: 'device' as const, source: hashSecret(device) }))
  const old = new Set((await findSources(trx, { userId, wanted, since: '' })).map(({ source }) => source))
  await deleteSources(trx, { userId, kind: 'device', sources: [...old] })
  const secret = newSecret()
  await remember(trx, clock, { userId, kind: 'device', source: hashSecret(secret) })
  return [secret, ...devices.filter((device) => !old.has(hashSecret(device)))].slice(0, devicesInCookie)
}

/** Both, for a request to the console. Null: it is no browser and keeps no cookie. */
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
