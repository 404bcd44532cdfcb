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
  decisions: { keepDays: 14 },
  // An expired CRL is a warning by default. Stopping a whole plant because of it must be a choice.
  crl: { whenExpired: 'accept' },
  clientCertificates: { maxDays: 397 },
  certificates: { clockSkewMinutes: 5 },
  signIn: { passwordsOfAdministratorsOnly: false },
}

/** The policies in force. They are read at each call, so that a change holds at once in every process. Do not modify the result. */
export async function readPolicies(db: Db): Promise<Settings> {
  const row = await db.selectFrom('settings').select(['policies', 'version']).where('id', '=', 1).executeTakeFirst()
  return policiesFrom(row)
}

let lastRead: { policies: string; settings: Settings } | undefined

/** Parses a stored row. Groups that a later version added have their defaults. */
export function policiesFrom(row: { policies: string; version: number } | undefined): Settings {
  if (!row) return { ...defaultPolicies, version: 1 }
  if (lastRead?.policies !== row.policies || lastRead.settings.version !== row.version) {
    // A row from an earlier version lacks groups that were added later.
    const settings = Settings.parse({ ...defaultPolicies, ...JSON.parse(row.policies), version: row.version })
    lastRead = { policies: row.policies, settings }
  }
  return lastRead.settings
}

/** The latest start of validity that is accepted: now, plus the allowed clock skew of an authority. */
export async function latestBeginning(db: Db, clock: Clock): Promise<Date> {
  return new Date(clock.now().getTime() + clockSkewOf(await readPolicies(db)))
}

/** Milliseconds by which the clock of an authority may be ahead. */
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
