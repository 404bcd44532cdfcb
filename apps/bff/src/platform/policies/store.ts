import { Settings } from '@gatehouse/contract/operations/settings'
import type { Clock } from '../base/clock.ts'
import type { Db, Trx } from '../db/open.ts'

export type Policies = Omit<Settings, 'version'>

export const defaultPolicies: Policies = {
  password: { min: 15, minWithFactor: 12, lower: 0, upper: 0, numeric: 0, symbol: 0, blocklist: true },
  session: { idleMinutes: 30, absoluteHours: 12 },
  throttle: { freeFailures: 5, firstWaitSeconds: 30, longestWaitMinutes: 15 },
  mfa: { requiredFor: 'nobody', roles: [] },
  audit: { keepDays: null },
  // A list that nobody renewed is a warning: to let a whole plant stop for it is for somebody to choose.
  crl: { whenExpired: 'accept' },
  clientCertificates: { maxDays: 397 },
  certificates: { clockSkewMinutes: 5 },
}

/** The policies in force. Read each time they are asked for: a change holds at once, in every process. Not to be changed. */
export async function readPolicies(db: Db): Promise<Settings> {
  const row = await db.selectFrom('settings').select(['policies', 'version']).where('id', '=', 1).executeTakeFirst()
  return policiesFrom(row)
}

let lastRead: { policies: string; settings: Settings } | undefined

/** As they are kept; groups that came with a later version have their defaults. */
export function policiesFrom(row: { policies: string; version: number } | undefined): Settings {
  if (!row) return { ...defaultPolicies, version: 1 }
  if (lastRead?.policies !== row.policies || lastRead.settings.version !== row.version) {
    // A group that came later is at its default in what was saved before.
    const settings = Settings.parse({ ...defaultPolicies, ...JSON.parse(row.policies), version: row.version })
    lastRead = { policies: row.policies, settings }
  }
  return lastRead.settings
}

/** The latest moment at which what an authority made may begin to be valid. */
export async function latestBeginning(db: Db, clock: Clock): Promise<Date> {
  return new Date(clock.now().getTime() + clockSkewOf(await readPolicies(db)))
}

/** By how many milliseconds the clock of an authority may be ahead. */
export function clockSkewOf({ certificates }: Policies): number {
  return certificates.clockSkewMinutes * 60_000
}

export async function writePolicies(trx: Trx, { version, ...policies }: Settings): Promise<void> {
  const columns = { policies: JSON.stringify(policies), version }
  await trx
    .insertInto('settings')
    .values({ id: 1, ...columns })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
    .execute()
}
