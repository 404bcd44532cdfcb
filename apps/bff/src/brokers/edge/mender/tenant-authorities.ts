/** The CAs that are mounted for Mender's mTLS ambassador. They are trusted at the first start only. */
import type { Logger } from 'pino'
import { trustedAmong } from '../../../certificates/authorities/store.ts'
import { type Inspected, inspectUpload } from '../../../certificates/authorities/upload.ts'
import { BadSettings } from '../../../platform/base/bad-settings.ts'
import type { Clock } from '../../../platform/base/clock.ts'
import { Problem } from '../../../platform/base/problem.ts'
import type { Db } from '../../../platform/db/open.ts'
import { type MountedFiles, readTenant } from './mounted-files.ts'

interface Context {
  db: Db
  clock: Clock
}

/** Throws `BadSettings` with the file that has no CA, or one that cannot be trusted. */
export async function inspectTenant({ db, clock }: Context, tenant: MountedFiles['tenant']): Promise<Inspected[]> {
  const byFingerprint = new Map<string, Inspected>()
  for (const { file, pem } of tenant) {
    const found = await inspectUpload(db, clock, { certificates: pem, leaveOut: [] }).catch((error: unknown) => {
      throw error instanceof Problem
        ? new BadSettings([`${file}: not CA certificates in PEM`], { cause: error })
        : error
    })
    for (const one of found) {
      const [problem] = one.verdict.problems
      if (problem) throw new BadSettings([`${file}: ${one.verdict.subject} cannot be trusted as a CA (${problem})`])
      byFingerprint.set(one.certificate.fingerprint, one)
    }
  }
  return [...byFingerprint.values()]
}

/**
 * For later starts, which trust no mounted CA: a program that can write into the mount could then decide which devices connect, and a
 * CA that a person has deleted would come back.
 */
export async function warnAboutTenant(context: Context & { log: Logger }, folder: string): Promise<void> {
  const { db, log } = context
  try {
    const inspected = await inspectTenant(context, await readTenant(folder))
    const fingerprints = inspected.map(({ certificate }) => certificate.fingerprint)
    const trusted = await trustedAmong(db, fingerprints)
    for (const { certificate, verdict } of inspected) {
      if (trusted.has(certificate.fingerprint)) continue
      const facts = { subject: verdict.subject, fingerprint: certificate.fingerprint }
      log.warn(facts, 'a mounted CA is not trusted: after the first start, CAs are added in the console')
    }
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error
    log.warn({ err: error }, 'the mounted CAs were not compared with the trusted ones')
  }
}
