/** An enforcer as the API shows it. */
import { X509Certificate } from 'node:crypto'
import type { Enforcer } from '@gatehouse/contract/brokers/enforcers'
import type { EnforcerConnection } from './connection.ts'
import type { EnforcerRecord } from './store.ts'

/** Longer than a poll is held: another process of the console may hold it. */
const connectedForMs = 60_000

export function present(
  enforcer: EnforcerRecord,
  { connection, now }: { connection: EnforcerConnection | undefined; now: Date },
): Enforcer {
  const { certificate, nextCertificate, report } = enforcer
  const isUpToDate = connection?.isUpToDate === true
  return {
    id: enforcer.id,
    host: enforcer.host,
    programVersion: enforcer.programVersion,
    enrolledAt: enforcer.enrolledAt,
    certificateEndsAt: new Date(new X509Certificate(nextCertificate ?? certificate).validTo).toISOString(),
    isConnected: connection?.isConnected === true || isRecent(enforcer.lastSeenAt, now),
    lastSeenAt: enforcer.lastSeenAt,
    lastAddress: enforcer.lastAddress,
    // Changes that do not concern the broker need no report.
    appliedSequence: isUpToDate ? connection.feed.sequence : enforcer.appliedSequence,
    appliedAt: enforcer.appliedAt,
    problems: report?.problems ?? [],
    clockAheadSeconds: report?.clockAheadSeconds ?? null,
    inventory: report?.inventory ?? null,
  }
}

function isRecent(at: string | null, now: Date): boolean {
  return at !== null && now.getTime() - Date.parse(at) < connectedForMs
}
