/** Limits on the connections of the HTTP listeners. */
import type { Logger } from 'pino'
import { makeNetworks } from '../base/address.ts'
import { ConnectionLimiter } from '../base/connection-limits.ts'
import { boundByOpenFiles } from '../base/descriptors.ts'

const firstByteWithinMs = 10_000
const logDropsEveryMs = 60_000

interface Options {
  trustedProxies: readonly string[]
  log: Logger
}

/** For the console and the API. */
export function limitConsole(options: Options): ConnectionLimiter {
  return makeLimiter(options, boundByOpenFiles(2_000, 0.18))
}

/** For health and metrics. A supervisor and Prometheus need only a few. */
export function limitHealth(options: Options): ConnectionLimiter {
  return makeLimiter(options, boundByOpenFiles(100, 0.02))
}

/** For enforcers. Each has one connection, and one more while it is replaced. */
export function limitEnforcers(options: Options): ConnectionLimiter {
  return makeLimiter(options, boundByOpenFiles(400, 0.04))
}

function makeLimiter({ trustedProxies, log }: Options, most: number): ConnectionLimiter {
  return new ConnectionLimiter({
    limits: {
      most,
      mostUnidentified: Math.ceil(most * 0.75),
      // Browsers of an office behind one address open six connections each before anyone has signed in.
      mostUnidentifiedPerNetwork: Math.ceil(most * 0.25),
      firstByteWithinMs,
    },
    isExempt: makeNetworks(trustedProxies),
    onDropped: logDrops(log),
  })
}

function logDrops(log: Logger): (dropped: { address: string }) => void {
  let count = 0
  let logAgainAt = 0
  return ({ address }) => {
    count++
    if (performance.now() < logAgainAt) return
    logAgainAt = performance.now() + logDropsEveryMs
    log.warn({ address, count }, 'too many HTTP connections that have not signed in: the oldest are closed')
    count = 0
  }
}
