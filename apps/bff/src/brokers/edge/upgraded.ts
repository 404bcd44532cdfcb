/** A connection that was upgraded, such as to WebSocket: bytes pass both ways until one side ends or is idle for too long. */
import type { Duplex } from 'node:stream'
import type { BodyFlow } from './body-flow.ts'

interface Upgraded {
  device: Duplex
  upstream: Duplex
  idleTimeoutMs: number
  /** Ends the device. See `BodyFlow`. */
  onFlood(): void
}

export function passUpgraded(flow: BodyFlow, { device, upstream, idleTimeoutMs, onFlood }: Upgraded): void {
  endTogether(device, upstream, idleTimeoutMs)
  endTogether(upstream, device, idleTimeoutMs)
  setIdleTimeout(upstream, idleTimeoutMs)
  flow.pass(device, upstream, onFlood)
  flow.pass(upstream, device)
}

/** When `some` has failed, `other` ends at once. When it was closed properly, `other` first gets what was read before. */
function endTogether(some: Duplex, other: Duplex, idleTimeoutMs: number): void {
  some.on('error', () => void other.destroy())
  some.on('close', () => {
    const hasMore = some.readableEnded && !other.writableFinished
    if (!hasMore) return other.destroy()
    // `other` may never read the rest.
    setIdleTimeout(other, idleTimeoutMs)
    return other.once('finish', () => other.destroy())
  })
}

function setIdleTimeout(socket: Duplex, idleTimeoutMs: number): void {
  if ('setTimeout' in socket && typeof socket.setTimeout === 'function') {
    socket.setTimeout(idleTimeoutMs, () => void socket.destroy())
  }
}
