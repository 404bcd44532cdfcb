/** Reads an upload and reports for each certificate what trusting it would mean. Changes nothing. */
import {
  type AuthorityWarning,
  type authorities,
  type InspectedCertificate,
  maxUploadBytes,
  maxUploadCertificates,
} from '@gatehouse/contract/certificates/authorities'
import type { Parsed } from '@gatehouse/contract/route'
import { judgeAuthority } from '@gatehouse/pki/read/authority'
import { type CertificateInfo, readBundle } from '@gatehouse/pki/read/certificate'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import { createYielder } from '@gatehouse/pki/read/yielder'
import type { Clock } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { isUnproven, limitedElsewhere } from './key-proof.ts'
import { findAuthorities, keysBySubject } from './store.ts'
import { unreadable } from './unreadable.ts'

export interface Inspected {
  certificate: CertificateInfo
  verdict: InspectedCertificate
}

export async function inspectUpload(
  reader: Db,
  clock: Clock,
  { certificates: upload, leaveOut }: Pick<Parsed<typeof authorities.create>['body'], 'certificates' | 'leaveOut'>,
): Promise<Inspected[]> {
  const certificates = await readUpload(upload)
  const fingerprints = certificates.map(({ fingerprint }) => fingerprint)
  const existing = new Set((await findAuthorities(reader, fingerprints)).map((found) => found.certificate.fingerprint))
  const keys = await keysBySubject(
    reader,
    certificates.map(({ subject }) => subject),
  )
  for (const { subject, keyFingerprint } of certificates) {
    keys.set(subject, (keys.get(subject) ?? new Set()).add(keyFingerprint))
  }
  const elsewhere = await limitedElsewhere(reader, certificates)
  const yieldIfDue = createYielder()
  const inspected: Inspected[] = []
  for (const certificate of certificates) {
    await yieldIfDue()
    const { problems, warnings } = judgeAuthority(certificate, clock.now())
    const leftOut = problems.some((problem) => leaveOut.includes(problem))
    const more: Partial<Record<AuthorityWarning, boolean>> = {
      same_subject: (keys.get(certificate.subject)?.size ?? 0) > 1,
      unproven_key: await isUnproven(reader, certificate, certificates),
      limited_elsewhere: elsewhere.has(certificate.fingerprint),
    }
    const verdict = {
      ...describeCertificate(certificate),
      isAuthority: certificate.isAuthority,
      problems,
      warnings: [...warnings, ...setIn(more)],
      existing: existing.has(certificate.fingerprint),
      leftOut,
    }
    inspected.push({ certificate, verdict })
  }
  return inspected
}

/** The warnings that apply. */
export function setIn(warnings: Partial<Record<AuthorityWarning, boolean>>): AuthorityWarning[] {
  return (Object.keys(warnings) as AuthorityWarning[]).filter((warning) => warnings[warning])
}

async function readUpload(upload: string): Promise<CertificateInfo[]> {
  try {
    return await readBundle(upload, { maxCertificates: maxUploadCertificates, maxBytes: maxUploadBytes })
  } catch (error) {
    if (error instanceof PkiError) throw unreadable(error, { field: 'certificates', otherwise: 'not_a_certificate' })
    throw error
  }
}

/** The certificate's fields as named in the API. */
export function describeCertificate<C extends { version: number; der: Uint8Array }>(certificate: C) {
  const { version, der: _der, ...rest } = certificate
  return { ...rest, x509Version: version }
}
