/** Puts the parts of the broker together. Knows nothing of threads. */
import type { Duplex } from 'node:stream'
import type { Listener } from '@gatehouse/contract/brokers/broker'
import { Aedes, type Client } from 'aedes'
import { judgeSubscribe } from '../../access/decision/topics.ts'
import { Trust } from '../../certificates/trust/trust.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { ChangeFollower } from '../../platform/changes/follower.ts'
import { makeDecisions } from '../decisions/recent.ts'
import { forgetClosedClients, gatherWrites, limitPackets, limitWaiting } from './aedes-inside.ts'
import { makeBrokerCalls } from './broker-calls.ts'
import { ClientIds } from './client-ids.ts'
import type { AcceptedSocket } from './connect.ts'
import { Connections } from './connections.ts'
import { makeReporter } from './error-reporter.ts'
import { makeHooks } from './hooks.ts'
import { makeLimiter, openListeners } from './listeners.ts'
import { LiveReview } from './live-review.ts'
import { LoopDelay } from './loop-delay.ts'
import { Passwords } from './passwords.ts'
import type { BrokerCalls, BrokerSettings, HostCallbacks, LogLine } from './port.ts'
import type { Remote } from './rpc.ts'
import { StatsBuffer } from './stats-buffer.ts'
import { startStatsReports } from './stats-reports.ts'
import { openStore } from './store.ts'
import { StoredSessions } from './stored-sessions.ts'
import { watch } from './watch.ts'

// As long as for the handshake before it, and for the same reason.
const connectTimeoutMs = 30_000
// aedes' own limits are 23 characters for MQTT 3.1 and 60 s. `concurrency` 0: one slow client must not hold up the messages of others.
const aedesOptions = { connectTimeout: connectTimeoutMs, concurrency: 0, drainTimeout: 10_000 }

export interface BrokerDeps {
  clock: Clock
  host: Remote<HostCallbacks>
  log(line: LogLine): void
}

export interface EmbeddedBroker {
  listeners: Listener[]
  calls: BrokerCalls
}

/** Opens the database and the listeners. Rejects when one of them cannot be opened. */
export async function createBroker(
  settings: BrokerSettings,
  { clock, host, log }: BrokerDeps,
): Promise<EmbeddedBroker> {
  const report = makeReporter({ clock, log })
  const state = makeState(settings, { clock, host })
  const { store, trust, decisions, limiter, changes } = state
  const accepted = new WeakMap<object, AcceptedSocket>()
  const aedes = await Aedes.createBroker({
    ...aedesOptions,
    persistence: state.sessions,
    ...makeHooks({ ...state, accepted, report }),
  })
  forgetClosedClients(aedes)
  aedes.on('error' as 'closed', report as () => void)
  // Before the facts are read: a change that commits in between is followed, not missed.
  const cursor = await store.latestChange()
  await trust.reload()
  const follower = new ChangeFollower(store, {
    cursor,
    enforce: { change: (change) => changes.apply(change), everything: () => changes.reloadTrust() },
  })
  const stopWatching = watch({ store, changes, follower, report })
  const stopReports = startStatsReports({ ...state, host, report })
  const onAccepted = (socket: Duplex, facts: AcceptedSocket) => {
    accepted.set(socket, facts)
    limitClient(aedes.handle(socket))
  }
  const open = await openListeners({ clock, trust, decisions, limiter, onAccepted }, settings)
  const stop = async () => {
    await stopWatching()
    stopReports()
    aedes.close()
    open.close()
    await store.close()
  }
  const { replaceServerCertificate } = open
  const calls = makeBrokerCalls({ ...state, settings, follower, replaceServerCertificate, stop })
  return { listeners: open.listeners, calls }
}

function limitClient(client: Client): void {
  limitPackets(client)
  limitWaiting(client)
  gatherWrites(client)
}

function makeState(settings: BrokerSettings, { clock, host }: Pick<BrokerDeps, 'clock' | 'host'>) {
  const store = openStore(settings.database)
  const trust = new Trust(store, clock)
  const stats = new StatsBuffer()
  const decisions = makeDecisions(clock, stats)
  const limiter = makeLimiter(decisions, settings.trustedProxies)
  const passwords = new Passwords((attempt) => host.checkPassword(attempt))
  const connections = new Connections()
  // The rights of the connection decide which filters are stored; the sessions know no rights.
  const sessions = new StoredSessions((client, filter) => {
    const connection = connections.ofClient(client as Client)
    return connection !== undefined && judgeSubscribe(connection.rights, filter)
  })
  const clientIds = new ClientIds(sessions)
  const changes = new LiveReview({ clock, store, trust, sessions, connections, clientIds, decisions })
  const loopDelay = new LoopDelay()
  return {
    clock,
    store,
    trust,
    stats,
    decisions,
    limiter,
    passwords,
    connections,
    sessions,
    clientIds,
    changes,
    loopDelay,
  }
}
