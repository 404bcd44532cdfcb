/** Ends a request to an upstream that takes longer than its settings allow, and names the reason why a request failed. */
import type { ClientRequest } from 'node:http'
import type { Upstream } from '@gatehouse/contract/brokers/upstreams'
import type { UpstreamFault } from './answers.ts'

interface Watched {
  times: Pick<Upstream, 'connectTimeoutMs' | 'responseTimeoutMs' | 'idleTimeoutMs'>
  isSecure: boolean
  /** Called when the request has failed. */
  onFault(fault: UpstreamFault): void
}

/** The time to answer counts from the last byte of the request, but not before the connection is established. */
export function watchTimes(sent: ClientRequest, { times, isSecure, onFault }: Watched): void {
  let fault: UpstreamFault | null = null
  let isConnected = false
  let isFinished = false
  const expire = () => {
    fault ??= 'upstream_timeout'
    sent.destroy()
  }
  let timer = setTimeout(expire, times.connectTimeoutMs)
  const stopTimer = () => clearTimeout(timer)
  // A short request is written before the connection is established.
  const awaitAnswer = () => {
    if (!isConnected || !isFinished) return
    stopTimer()
    timer = setTimeout(expire, times.responseTimeoutMs)
  }
  const connected = () => {
    stopTimer()
    isConnected = true
    awaitAnswer()
  }
  sent.on('socket', (socket) => {
    if (!socket.connecting) return connected()
    socket.once(isSecure ? 'secureConnect' : 'connect', connected)
  })
  sent.on('finish', () => {
    isFinished = true
    awaitAnswer()
  })
  for (const event of ['response', 'upgrade', 'close']) sent.on(event, stopTimer)
  sent.setTimeout(times.idleTimeoutMs, expire)
  sent.on('error', ({ message }) => {
    if (message === upstreamChanged) fault ??= upstreamChanged
    onFault(fault ?? (isConnected ? 'upstream_failed' : 'upstream_unreachable'))
  })
}

/** The message of the error that a request is destroyed with. */
export const upstreamChanged = 'upstream_changed'
