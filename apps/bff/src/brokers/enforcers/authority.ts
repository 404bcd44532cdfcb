/**
 * The CA of the enforcers. It signs their certificates and that of the listener where they connect, and nothing else. It is not in
 * the trust store, so no MQTT listener accepts its certificates, and enforcers accept no other CA.
 */
import { enforcerServerName } from '@gatehouse/contract/brokers/enforcer-protocol'
import {
  type IssuedPems,
  issueClientCertificate,
  issueServerCertificate,
  makeAuthority,
} from '@gatehouse/pki/make/issue'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import type { Db } from '../../platform/db/open.ts'
import { fingerprintOf } from './authority-certificates.ts'
import { findAuthority, insertAuthority, type StoredAuthority } from './authority-store.ts'

/** Enforcers pin it, and follow a replacement (ADR 101). */
const authorityDays = 30 * 365
/** An enforcer renews after half of the time, so it may be away for 45 days. */
const enforcerDays = 90
const serverDays = 30

interface Context {
  db: Db
  clock: Clock
  keyring: Keyring
}

/** Makes it at the first use. */
export async function ensureAuthority({ db, clock, keyring }: Context): Promise<StoredAuthority> {
  const found = await findAuthority(db, keyring, 'current')
  if (found) return found
  const made = await makeEnforcersAuthority(clock)
  return db.transaction().execute(async (trx) => {
    await insertAuthority(trx, keyring, { id: 'current', authority: made, at: timestamp(clock) })
    return (await findAuthority(trx, keyring, 'current')) ?? made
  })
}

export function makeEnforcersAuthority(clock: Clock): Promise<StoredAuthority> {
  return makeAuthority({ commonName: 'Gatehouse enforcers', days: authorityDays, at: clock.now() })
}

/**
 * The CA that issues for an enforcer that trusts this one. During a replacement an enforcer must not get a certificate of the next
 * CA before it has stored that CA: it would refuse the listener after the replacement. Undefined: an older agent, which knows only
 * the CA that it was enrolled with.
 */
export async function authorityKnownAs(context: Context, fingerprint: string | undefined): Promise<StoredAuthority> {
  const next = fingerprint === undefined ? null : await findAuthority(context.db, context.keyring, 'next')
  return next && fingerprintOf(next.certificatePem) === fingerprint ? next : ensureAuthority(context)
}

/** Certifies the key of an enforcer. The name is its id: no user has such a name. */
export function issueForEnforcer(
  authority: StoredAuthority,
  { id, spki, at }: { id: string; spki: Uint8Array; at: Date },
): Promise<string> {
  return issueClientCertificate({ authority, spki, commonName: id, days: enforcerDays, at })
}

/** For the listener. The CA follows it, so that an enforcer that knows only the fingerprint of the CA can check it. */
export async function issueForListener(authority: StoredAuthority, at: Date): Promise<IssuedPems> {
  const made = await issueServerCertificate({ authority, names: [enforcerServerName], days: serverDays, at })
  return { ...made, certificatePem: made.certificatePem + authority.certificatePem }
}
