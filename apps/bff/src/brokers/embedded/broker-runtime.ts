/** What runs in the broker's thread, put together; knows nothing of threads. */
import type { Listener } from '@gatehouse/contract/brokers/broker'
import { Aedes, type Client } from 'aedes'
import { checkCertificate } from '../../certificates/check/check.ts'
import type { SeenCertificate } from '../../certificates/seen/store.ts'
import { Trust } from '../../certificates/trust/trust.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { ChangeFollower } from '../../platform/changes/follower.ts'
import { expiriesOf, listConnections, seenWith, viewOf, vouchedFor } from '../connections/lists.ts'
import { makeDecisions } from '../decisions/recent.ts'
import { forgetClosedClients, gatherWrites, limitPackets, limitWaiting } from './aedes-inside.ts'
import { type Arrival, signIn } from './connect.ts'
import { Connections } from './connections.ts'
import { makeHooks } from './hooks.ts'
import { openListeners } from './listeners.ts'
import { LiveChanges } from './live-changes.ts'
import { LoopDelay } from './loop-delay.ts'
import { Passwords } from './passwords.ts'
import type { BrokerQuestions, BrokerSettings, PasswordAttempt, Seen, Told } from './port.ts'
import type { Answering } from './rpc.ts'
import { Tally } from './stats-buffer.ts'
import { openStore } from './store.ts'
import { StoredSessions } from './stored-sessions.ts'
import { watch } from './watch.ts'

// As long as for the handshake before it, and for the same reason.
const connectTimeoutMs = 30_000
const tellEveryMs = 5_000
const sameErrorEveryMs = 10_000
// aedes' own are 23 for MQTT 3.1 and 60 s; `concurrency` 0: one slow client must not hold up the others' messages.
const aedesOptions = { connectTimeout: connectTimeoutMs, concurrency: 0, drainTimeout: 10_000 }

export interface Outside {
  clock: Clock
  checkPassword(attempt: PasswordAttempt): Promise<'right' | 'wrong' | 'throttled'>
  onSeen(seen: Seen[]): void
  onCertificatesSeen(seen: SeenCertificate[]): void
  onTold(told: Told): void
  log(level: 'info' | 'warn' | 'error', message: string, facts: Record<string, unknown>): void
}

export interface Thread {
  listeners: Listener[]
  answering: Answering<BrokerQuestions>
}

export async function startThread(settings: BrokerSettings, outside: Outside): Promise<Thread> {
  const { clock } = outside
  const store = openStore(settings.database)
  const trust = new Trust(store, clock)
  const tally = new Tally()
  const decisions = makeDecisions(clock, (decision) => tally.count(decision, connections.size))
  const passwords = new Passwords((attempt) => outside.checkPassword(attempt))
  // Whether a filter may be kept is asked of the connection that sent it; sessions know nothing of rights.
  const sessions = new StoredSessions((client, filter) => {
    return connections.ofClient(client as Client)?.access.may('read', filter) === true
  })
  const connections = new Connections(sessions)
  const changes = new LiveChanges({ clock, store, trust, sessions, connections, decisions })
  const loopDelay = new LoopDelay()
  const stopTelling = tellNowAndThen(() => {
    loopDelay.step()
    const seen = tally.takeSeen()
    if (seen.length > 0) outside.onSeen(seen)
    const certificates = tally.takeCertificates()
    if (certificates.length > 0) outside.onCertificatesSeen(certificates)
    const told = tally.takeTold(connections.size)
    if (told) outside.onTold(told)
  })
  const report = reportTo(outside)
  const arrivals = new WeakMap<object, Arrival>()

  const aedes = await Aedes.createBroker({
    ...aedesOptions,
    persistence: sessions,
    ...makeHooks({
      connections,
      sessions,
      decisions,
      arrivalOf: (client) => arrivals.get(client.conn),
      signIn: (attempt) => signIn({ clock, store, trust, passwords, connections, changes }, attempt),
      onAdmitted: (connection) => {
        open.identified(connection.client.conn)
        tally.see(connection.userId, timestamp(clock))
        const certificate = seenWith(trust, connection, clock.now())
        if (certificate) tally.seeCertificate(certificate)
      },
      report,
    }),
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
  const open = await openListeners(
    {
      clock,
      trust,
      decisions,
      onArrival: (socket, arrival) => {
        arrivals.set(socket, arrival)
        const client = aedes.handle(socket)
        limitPackets(client)
        limitWaiting(client)
        gatherWrites(client)
      },
    },
    settings,
  )

  const answering: Answering<BrokerQuestions> = {
    enforced: async ({ sequences }) => {
      let ended = 0
      for (const sequence of sequences) ended += await follower.enforced(sequence)
      return ended
    },
    impactOnUser: ({ userId, facts }) => changes.impactOnUser(userId, facts),
    impactOnTrust: (change) => changes.impactOnTrust(change),
    vouchingAfter: (change) => changes.vouchingAfter(change),
    connectionsOf: ({ userId }) => connections.liveOf(userId).length,
    vouchedFor: () => vouchedFor(connections),
    figures: ({ since }) => ({
      refused: decisions.list({ outcome: 'refused', since }).length,
      isMore: !decisions.reachesBackTo(since),
      expiries: expiriesOf(connections, clock.now()),
    }),
    connections: (search) => listConnections(connections, search, clock.now()),
    connection: ({ connectionId }) => {
      const connection = connections.byId(connectionId)
      return { found: connection ? viewOf(connection) : null }
    },
    checkCertificate: ({ presented }) =>
      checkCertificate({ clock, store, trust, clientCertificate: settings.tls?.clientCertificate ?? null }, presented),
    presentedBy: ({ connectionId }) => ({ presented: [...(connections.byId(connectionId)?.shown.presented ?? [])] }),
    close: ({ connectionId }) => {
      const connection = connections.byId(connectionId)
      if (connection) changes.close(connection, 'closed_by_admin')
      return connection !== undefined
    },
    decisions: (search) => decisions.list(search),
    status: () => ({
      trustedSince: trust.since,
      authorities: trust.size,
      connections: connections.size,
      loopDelaySeconds: loopDelay.worstSeconds(),
    }),
    replaceServerCertificate: (tls) => {
      open.replaceServerCertificate(tls)
      return null
    },
    stop: async () => {
      await stopWatching()
      stopTelling()
      aedes.close()
      open.close()
      await store.close()
      return null
    },
  }
  return { listeners: open.listeners, answering }
}

/** Answers with how to stop, which tells the rest. */
function tellNowAndThen(tell: () => void): () => void {
  const timer = setInterval(tell, tellEveryMs)
  return () => {
    clearInterval(timer)
    tell()
  }
}

/** Once in a while is enough for the same error: while the database is away, each CONNECT meets it. */
function reportTo({ clock, log }: Outside): (error: unknown) => void {
  const saidAt = new Map<string, number>()
  return (error) => {
    const message = error instanceof Error ? error.message : String(error)
    const now = clock.now().getTime()
    if (now - (saidAt.get(message) ?? 0) < sameErrorEveryMs) return
    if (saidAt.size >= 100) saidAt.clear()
    saidAt.set(message, now)
    log('error', 'The broker met an error', { error: textOf(error) })
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
