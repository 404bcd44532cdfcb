/**
 * The built-in authority: made at the first start, signs the server's certificate, and is trusted for clients until an
 * administrator withdraws that. Its files are `authority.crt` and `authority.key` (0600) in the data folder.
 */
import { join } from 'node:path'
import { readBundle } from '@gatehouse/pki/certificate'
import { issueServerCertificate, makeAuthority } from '@gatehouse/pki/issue'
import { recordEvent } from '../audit/store.ts'
import { findBuiltIn, insertAuthorities, type StoredAuthority } from '../authorities/store.ts'
import { BadSettings } from '../base/bad-settings.ts'
import { type Clock, timestamp } from '../base/clock.ts'
import { readFileIfThere, writeFileSafely } from '../base/files.ts'
import type { Db } from '../db/open.ts'

const authorityDays = 3_650
const serverDays = 397
/** A server certificate is made anew at a start within this time of its end. */
const renewBeforeMs = 30 * 24 * 60 * 60_000

export interface Pems {
  certificatePem: string
  privateKeyPem: string
}

interface BuiltInContext {
  db: Db
  clock: Clock
  dataDir: string
}

/** The authority of this installation: read from its files, or made together with its row in the trust store. */
export async function ensureBuiltInAuthority({ db, clock, dataDir }: BuiltInContext): Promise<Pems> {
  const files = { crt: join(dataDir, 'authority.crt'), key: join(dataDir, 'authority.key') }
  const [certificatePem, privateKeyPem] = await Promise.all([readFileIfThere(files.crt), readFileIfThere(files.key)])
  const known = await findBuiltIn(db)
  if (certificatePem !== null && privateKeyPem !== null) {
    if (!known) await trustBuiltIn({ db, clock, dataDir }, certificatePem)
    return { certificatePem, privateKeyPem }
  }
  // Making a new one here would quietly break every client that trusts the old one.
  if (known) throw lost(dataDir)
  const made = await makeAuthority({ commonName: 'Gatehouse', days: authorityDays, at: clock.now() })
  // The key first: a certificate without its key would be taken for a loss at the next start.
  await writeFileSafely(files.key, made.privateKeyPem, 0o600)
  await writeFileSafely(files.crt, made.certificatePem, 0o644)
  await trustBuiltIn({ db, clock, dataDir }, made.certificatePem)
  return made
}

/** The server's certificate: generated for these names and kept until shortly before its end. */
export async function ensureServerCertificate(
  authority: Pems,
  { dataDir, clock, names }: { dataDir: string; clock: Clock; names: readonly string[] },
): Promise<Pems> {
  const files = { crt: join(dataDir, 'server.crt'), key: join(dataDir, 'server.key') }
  const [certificatePem, privateKeyPem] = await Promise.all([readFileIfThere(files.crt), readFileIfThere(files.key)])
  if (certificatePem !== null && privateKeyPem !== null && (await isStillGood(certificatePem, names, clock))) {
    return { certificatePem, privateKeyPem }
  }
  const made = await issueServerCertificate({ authority, names, days: serverDays, at: clock.now() })
  await writeFileSafely(files.key, made.privateKeyPem, 0o600)
  await writeFileSafely(files.crt, made.certificatePem, 0o644)
  return made
}

async function isStillGood(certificatePem: string, names: readonly string[], clock: Clock): Promise<boolean> {
  const [certificate] = await readBundle(certificatePem)
  if (!certificate) return false
  const hasName = (name: string) => certificate.subjectAlternativeNames.some((own) => own.endsWith(name))
  const isFresh = Date.parse(certificate.notAfter) - clock.now().getTime() > renewBeforeMs
  return isFresh && names.every(hasName)
}

async function trustBuiltIn({ db, clock, dataDir }: BuiltInContext, certificatePem: string): Promise<void> {
  const [info] = await readBundle(certificatePem)
  if (!info) throw new Error('authority.crt holds no certificate')
  const { pem: _pem, ...certificate } = info
  const authority: StoredAuthority = {
    certificate,
    name: 'Gatehouse',
    notes: null,
    builtIn: true,
    usernames: [],
    uploadedBy: null,
    uploadedAt: timestamp(clock),
    withdrawnAt: null,
    version: 1,
  }
  await db.transaction().execute(async (trx) => {
    const first = await findBuiltIn(trx)
    // Another process that starts at the same moment, from another folder, was first.
    if (first && first.certificate.fingerprint !== certificate.fingerprint) throw lost(dataDir)
    if (first) return
    await insertAuthorities(trx, [authority])
    await recordEvent(trx, clock, {
      action: 'authority.added',
      actor: { userId: null, username: null, via: 'system', address: null },
      target: { type: 'authority', id: certificate.fingerprint, name: authority.name },
      after: { subject: certificate.subject, builtIn: true },
    })
  })
}

function lost(dataDir: string): BadSettings {
  const files = 'authority.crt and authority.key'
  return new BadSettings([`${dataDir} lacks the ${files} that this database was used with; take them from the backup`])
}
