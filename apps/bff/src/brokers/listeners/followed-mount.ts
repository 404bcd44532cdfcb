/** Which listener takes its server certificate from mounted files. */
import { deleteInstallationFact, readInstallationFact, writeInstallationFact } from '../../platform/db/installation.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { ListenerRecord } from './listener.ts'
import { describeCertificate } from './server-certificate.ts'

const followedFact = 'listener_of_mounted_certificate'

interface Followed {
  listener: string
  /** Of the certificate that was taken from the files last. */
  fingerprint: string
}

/** Null: no listener does. */
export async function readFollowed(db: Db): Promise<Followed | null> {
  return JSON.parse((await readInstallationFact(db, followedFact)) ?? 'null') as Followed | null
}

export function isFollowing(followed: Followed | null, record: ListenerRecord): boolean {
  return followed?.listener === record.id && followed.fingerprint === fingerprintOf(record)
}

/** Notes that the server certificate of this listener was read from the mounted files. */
export async function followMount(trx: Trx, record: ListenerRecord): Promise<void> {
  const followed: Followed = { listener: record.id, fingerprint: fingerprintOf(record) ?? '' }
  await writeInstallationFact(trx, followedFact, JSON.stringify(followed))
}

/** From now on the files are ignored, also if they hold the certificate that the listener has now. */
export async function leaveMount(trx: Trx, listenerId: string): Promise<void> {
  const followed = await readFollowed(trx)
  if (followed?.listener === listenerId) await deleteInstallationFact(trx, followedFact)
}

function fingerprintOf({ certificate }: ListenerRecord): string | null {
  return describeCertificate(certificate)?.fingerprint ?? null
}
