/**
 * Records the certificates that clients connected with. The broker reports every few seconds; small transactions keep
 * other writers from waiting.
 */
import { type CertificateInfo, readBundle } from '@gatehouse/pki/read/certificate'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import { canonicalSerialNumber } from '@gatehouse/pki/read/serial-number'
import type { Db } from '../../platform/db/open.ts'
import { findKnown, insertSeen, type SeenCertificate, type SeenDescription, updateSeen } from './store.ts'

const writtenAtOnce = 100

export type SeenRecorder = (seen: readonly SeenCertificate[]) => Promise<void>

/** Reports that arrive while the database is slow are dropped: the next connection reports the certificate again. */
export function makeSeenRecorder({ db }: { db: Db }): SeenRecorder {
  let isBusy = false
  return async (seen) => {
    if (isBusy) return
    isBusy = true
    try {
      for (let at = 0; at < seen.length; at += writtenAtOnce) await record(db, seen.slice(at, at + writtenAtOnce))
    } finally {
      isBusy = false
    }
  }
}

async function record(db: Db, seen: readonly SeenCertificate[]): Promise<void> {
  const known = await findKnown(
    db,
    seen.map(({ fingerprint }) => fingerprint),
  )
  const described = new Map<string, SeenDescription>()
  for (const { fingerprint, presented } of seen) {
    const description = known.has(fingerprint) ? null : await describe(presented[0])
    if (description) described.set(fingerprint, description)
  }
  await db.transaction().execute(async (trx) => {
    for (const one of seen) {
      const description = described.get(one.fingerprint)
      if (description) await insertSeen(trx, one, description)
      else await updateSeen(trx, one)
    }
  })
}

async function describe(der: Uint8Array | undefined): Promise<SeenDescription | null> {
  const own = der && (await readOwn(der))
  const serialNumber = own && canonicalSerialNumber(own.serialNumber)
  if (!own || !serialNumber) return null
  return {
    serial_number: serialNumber,
    subject: own.subject,
    issuer: own.issuer,
    key_algorithm: own.keyAlgorithm,
    not_before: own.notBefore,
    not_after: own.notAfter,
  }
}

async function readOwn(der: Uint8Array): Promise<CertificateInfo | undefined> {
  try {
    return (await readBundle(der))[0]
  } catch (error) {
    // The broker is less strict about a client's certificate than this parser; a certificate that it rejects is not
    // listed.
    if (error instanceof PkiError) return undefined
    throw error
  }
}
