import type { Decisions } from '../decisions/recent.ts'
import type { Connections } from './connections.ts'
import type { LoopDelay } from './loop-delay.ts'
import type { HostCallbacks } from './port.ts'
import type { Remote } from './rpc.ts'
import type { StatsBuffer } from './stats-buffer.ts'

const reportEveryMs = 5_000

interface Parts {
  stats: StatsBuffer
  decisions: Decisions
  connections: Connections
  loopDelay: LoopDelay
  host: Remote<HostCallbacks>
  report(error: unknown): void
}

/** Sends the statistics to the main thread every five seconds. Returns how to stop, which sends the last ones. */
export function startStatsReports(parts: Parts): () => void {
  const timer = setInterval(() => send(parts), reportEveryMs)
  return () => {
    clearInterval(timer)
    send(parts)
  }
}

function send({ stats, decisions, connections, loopDelay, host, report }: Parts): void {
  loopDelay.step()
  const seen = stats.takeSeen()
  if (seen.length > 0) host.onSeen(seen).catch(report)
  const certificates = stats.takeCertificates()
  if (certificates.length > 0) host.onCertificatesSeen(certificates).catch(report)
  const counted = stats.takeStats(connections.size)
  if (counted) host.onStats(counted).catch(report)
  const decided = decisions.takeReport()
  if (decided) host.onDecisions(decided).catch(report)
}
