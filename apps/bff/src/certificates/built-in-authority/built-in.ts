/**
 * The built-in authority: made at the first start, or a company's own. It signs the server's certificate, and is
 * trusted for clients until an administrator withdraws that. Its files are `authority.crt` and `authority.key` (mode
 * 0600) in the data folder. The database says which authority it is.
 */

import { type IssuedPems, makeAuthority } from '@gatehouse/pki/make/issue'
import { readBundle } from '@gatehouse/pki/read/certificate'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { findBuiltIn, insertAuthorities, type StoredAuthority } from '../authorities/store.ts'
import { findAuthority, putInPlace, readCurrent } from './authority-files.ts'

const authorityDays = 3_650

interface Place {
  db: Db
  clock: Clock
  dataDir: string
}

/** Reads it from its files, or creates it together with its row in the trust store. */
export async function ensureBuiltInAuthority({ db, clock, dataDir }: Place): Promise<IssuedPems> {
  const known = await findBuiltIn(db)
  if (known) return takeUp(dataDir, known)
  const there = await readCurrent(dataDir)
  const pems = there ?? (await makeOwn(clock))
  if (!there) await putInPlace(dataDir, pems)
  await trustBuiltIn({ db, clock, dataDir }, pems)
  return pems
}

/** Makes a new authority. `of`: a suffix of its name that distinguishes it from its predecessor. */
export function makeOwn(clock: Clock, of = ''): Promise<IssuedPems> {
  return makeAuthority({ commonName: nameOf(of), days: authorityDays, at: clock.now() })
}

/** RFC 4514 text. */
export function ownSubject(of: string): string {
  return `CN=${nameOf(of)}`
}

function nameOf(of: string): string {
  return `Gatehouse ${of}`.trim()
}

/** The row for the trust store. */
export async function describeBuiltIn({ certificatePem }: IssuedPems, clock: Clock): Promise<StoredAuthority> {
  const [info] = await readBundle(certificatePem)
  if (!info) throw new Error('authority.crt contains no certificate')
  const { pem: _pem, ...certificate } = info
  return {
    certificate,
    name: info.commonName?.trim().slice(0, 100).toWellFormed() || info.fingerprint.slice(0, 12),
    notes: null,
    builtIn: true,
    usernames: [],
    uploadedBy: null,
    uploadedAt: timestamp(clock),
    withdrawnAt: null,
    limitedBy: null,
    version: 1,
  }
}

/** Completes or reverts a replacement that was interrupted, according to the database. */
async function takeUp(dataDir: string, known: StoredAuthority): Promise<IssuedPems> {
  const pems = await findAuthority(dataDir, known.certificate.fingerprint)
  // A new one would silently break every client that trusts the existing one.
  if (!pems) throw lost(dataDir, known)
  await putInPlace(dataDir, pems)
  return pems
}

async function trustBuiltIn({ db, clock, dataDir }: Place, pems: IssuedPems): Promise<void> {
  const authority = await describeBuiltIn(pems, clock)
  const { fingerprint, subject } = authority.certificate
  await db.transaction().execute(async (trx) => {
    const first = await findBuiltIn(trx)
    // Another process that started at the same moment, with another folder, was faster.
    if (first && first.certificate.fingerprint !== fingerprint) throw lost(dataDir, first)
    if (first) return
    await insertAuthorities(trx, [authority])
    await recordEvent(trx, clock, {
      action: 'authority.added',
      actor: { userId: null, username: null, via: 'system', address: null },
      target: auditTarget.authority({ fingerprint, name: authority.name }),
      after: { subject, builtIn: true },
    })
  })
}

function lost(dataDir: string, { certificate: { subject, fingerprint } }: StoredAuthority): BadSettings {
  return new BadSettings([
    `${dataDir} lacks the authority.crt and authority.key that this database was used with (${subject}, SHA-256 ${fingerprint});` +
      'copy them from the backup, or from the replica where they were replaced',
  ])
}
