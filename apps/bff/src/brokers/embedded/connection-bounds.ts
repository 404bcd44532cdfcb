/** Bounds on connections of all listeners together, and records of those that a bound ended. */
import type { Server } from 'node:net'
import type { BrokerLimits } from '@gatehouse/contract/brokers/limits'
import { makeNetworks } from '../../platform/base/address.ts'
import { ConnectionLimiter, type ConnectionLimits, type Dropped } from '../../platform/base/connection-limits.ts'
import { boundByOpenFiles } from '../../platform/base/descriptors.ts'
import type { Decisions } from '../decisions/recent.ts'
import type { BrokerSettings } from './port.ts'

const recordDropsEveryMs = 1_000

/** A plant of some thousand devices behind one address may connect at once. */
function readLimits({ connections }: BrokerLimits): ConnectionLimits {
  const most = boundByOpenFiles(connections, 0.8)
  return {
    most,
    mostUnidentified: Math.ceil(most * 0.8),
    mostUnidentifiedPerNetwork: Math.ceil(most * 0.4),
    firstByteWithinMs: 10_000,
  }
}

export interface ConnectionBounds {
  limiter: ConnectionLimiter
  /** The name of the listener that this server belongs to, for the records. */
  named(server: Server, name: () => string): void
  /** Addresses that many clients of this listener come from: its proxies. */
  exempt(listener: object, isProxy: (address: string) => boolean): void
  /** Forgets a closed listener. */
  forget(listener: object): void
  /** Records that a connection was closed because there are too many. At most once a second: a flood must not record each. */
  recordDrop(dropped: { listener: string; address: string }): void
}

/** Closes connections on which nobody signs in. */
export function makeConnectionBounds(
  decisions: Decisions,
  { trustedProxies, limits }: Pick<BrokerSettings, 'trustedProxies' | 'limits'>,
): ConnectionBounds {
  const isTrustedProxy = makeNetworks(trustedProxies)
  const proxies = new Map<object, (address: string) => boolean>()
  const names = new WeakMap<Server, () => string>()
  let recordAgainAt = 0
  const recordDrop = ({ listener, address }: { listener: string; address: string }) => {
    if (performance.now() < recordAgainAt) return
    recordAgainAt = performance.now() + recordDropsEveryMs
    decisions.record({ outcome: 'refused', reason: 'too_many_connections', listener, address })
  }
  const limiter = new ConnectionLimiter({
    limits: readLimits(limits),
    isExempt: (address) => isTrustedProxy(address) || [...proxies.values()].some((isProxy) => isProxy(address)),
    onDropped: ({ socket, address, server }: Dropped) => {
      endedByServer.add(socket)
      recordDrop({ listener: names.get(server)?.() ?? '', address })
    },
  })
  return {
    limiter,
    named: (server, name) => void names.set(server, name),
    exempt: (listener, isProxy) => void proxies.set(listener, isProxy),
    forget: (listener) => void proxies.delete(listener),
    recordDrop,
  }
}

/** Sockets that a bound ended: their handshake did not fail. */
export const endedByServer = new WeakSet<object>()
