/** Listeners as the API shows them. */
import type { StoredListener } from '@gatehouse/contract/brokers/listeners'
import type { CertificateMount } from '@gatehouse/contract/brokers/server-certificates'
import { trustedAmong } from '../../certificates/authorities/store.ts'
import type { Db } from '../../platform/db/open.ts'
import type { ListenerReport } from '../embedded/port.ts'
import { applyEnvironment, type ListenerEnvironment } from './environment.ts'
import { isFollowing, readFollowed } from './followed-mount.ts'
import type { ListenerRecord } from './listener.ts'
import { describeCertificate } from './server-certificate.ts'

export interface PresentContext {
  reader: Db
  environment: ListenerEnvironment
  mountedCertificate: { readonly mount: CertificateMount | null }
  broker: {
    listenerReports(): Promise<readonly ListenerReport[] | null>
    impactOnListener(next: ListenerRecord): Promise<number | null>
  }
}

export async function present(
  { reader, environment, broker, mountedCertificate }: PresentContext,
  records: readonly ListenerRecord[],
): Promise<StoredListener[]> {
  const reports = await broker.listenerReports()
  const named = [...new Set(records.flatMap(({ trustedAuthorities }) => trustedAuthorities ?? []))]
  const trusted = await trustedAmong(reader, named)
  const followed = mountedCertificate.mount && (await readFollowed(reader))
  return records.map((record) => {
    const { seed: _, certificate, ...settings } = record
    const { overrides, isOff } = applyEnvironment(record, environment)
    const report = reports?.find(({ id }) => id === record.id)
    return {
      ...settings,
      serverCertificate: describeCertificate(certificate),
      certificateMount: isFollowing(followed, record) ? mountedCertificate.mount : null,
      overrides,
      status: isOff ? off : reports === null ? unknown : statusOf(report),
      missingAuthorities: (settings.trustedAuthorities ?? []).filter((fingerprint) => !trusted.has(fingerprint)),
    }
  })
}

type Status = StoredListener['status']

const off: Status = { state: 'off', boundPort: null, error: null, connections: 0 }
const unknown: Status = { state: 'unknown', boundPort: null, error: null, connections: null }

function statusOf(report: ListenerReport | undefined): Status {
  // The broker has not followed the change yet.
  if (!report) return unknown
  const { boundPort, error, connections } = report
  return { state: error === null && boundPort !== null ? 'open' : 'failed', boundPort, error, connections }
}
