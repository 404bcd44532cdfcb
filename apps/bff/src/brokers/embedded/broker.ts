/** Puts the parts of the broker together. Knows nothing of threads. */
import { Engine } from '@gatehouse/mqtt/engine'
import { Trust } from '../../certificates/trust/trust.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { ChangeFollower, type Enforce } from '../../platform/changes/follower.ts'
import { makeDecisions } from '../decisions/recent.ts'
import { Edge } from '../edge/edge.ts'
import { EdgeConnections } from '../edge/edge-connections.ts'
import { TopicViews } from '../topics/topic-views.ts'
import { makeBrokerCalls } from './broker-calls.ts'
import { ClientIds } from './client-ids.ts'
import type { AcceptedSocket } from './connect.ts'
import { makeConnectionBounds } from './connection-bounds.ts'
import { Connections } from './connections.ts'
import { DeviceAdmissions } from './device-admissions.ts'
import { makeEngineEvents } from './engine-events.ts'
import { toEngineLimits } from './engine-limits.ts'
import { Epoch } from './epoch.ts'
import { makeReporter } from './error-reporter.ts'
import { type FindRules, ListenerSet, makeFindRules } from './listener-set.ts'
import { LiveReview } from './live-review.ts'
import { LoopDelay } from './loop-delay.ts'
import type { ListenerParts, OpenListener } from './open-listener.ts'
import { Passwords } from './passwords.ts'
import { makePolicy } from './policy.ts'
import type { BrokerCalls, BrokerSettings, HostCallbacks, LogLine, OpenListeners } from './port.ts'
import { openPrivateListener } from './private-listener.ts'
import type { Remote } from './rpc.ts'
import { openState } from './state-folder.ts'
import { StatsBuffer } from './stats-buffer.ts'
import { startStatsReports } from './stats-reports.ts'
import { type BrokerStore, openStore } from './store.ts'
import { watch } from './watch.ts'

export interface BrokerDeps {
  clock: Clock
  host: Remote<HostCallbacks>
  log(line: LogLine): void
  /** Called at the start and whenever listeners were opened or closed. */
  onListening(open: OpenListeners): void
}

export interface EmbeddedBroker {
  calls: BrokerCalls
}

/** Opens the database and the listeners. Rejects when one of them cannot be opened. */
export async function createBroker(settings: BrokerSettings, deps: BrokerDeps): Promise<EmbeddedBroker> {
  const { clock, host, log } = deps
  const report = makeReporter({ clock, log })
  const state = { ...makeState(settings, deps), report, log }
  const { store, trust } = state
  // Before the facts are read: a change that commits in between is followed, not missed.
  const cursor = await store.latestChange()
  await trust.reload()
  const records = await store.listListeners()
  const listenerParts = {
    ...state,
    packetBytes: settings.limits.packetBytes,
    onAccepted: (accepted: AcceptedSocket) => engine.accept(accepted.socket, accepted),
    onDevice: (accepted: AcceptedSocket, upstreamId: string | null) => edge.accept(accepted, upstreamId),
  }
  const listeners: ListenerSet = new ListenerSet({
    ...listenerParts,
    settings,
    readCertificate: (id) => host.readListenerCertificate(id),
    onChanged: () => deps.onListening(describeOpen(listeners)),
  })
  const engine: Engine = await startEngine(
    { ...state, findRules: makeFindRules(records, settings.environment) },
    settings,
  )
  const changes = new LiveReview({ ...state, engine })
  const edge: Edge = new Edge({
    ...state,
    connections: state.devices,
    readSecret: (upstreamId) => host.readUpstreamSecret(upstreamId),
    claimIdentity: (claim) => host.claimIdentity(claim),
  })
  await edge.loadUpstreams()
  const enforce = makeEnforce({ ...state, changes, edge, listeners })
  const follower = new ChangeFollower(store, {
    cursor,
    enforce,
  })
  const stopWatching = watch({ store, changes, edge: state.devices, follower, report })
  const stopReports = startStatsReports({ ...state, host, report })
  const consoleListener = await openForConsole(listenerParts, settings.privateSocket)
  const stop = async () => {
    consoleListener?.close()
    listeners.close()
    edge.close()
    await stopWatching()
    stopReports()
    await engine.stop()
    await store.close()
  }
  const topicViews = new TopicViews({ ...state, engine })
  const calls = makeBrokerCalls({ ...state, engine, topicViews, follower, listeners, stop })
  await listeners.start(records)
  return { calls }
}

interface Enforcing {
  store: Pick<BrokerStore, 'listListeners'>
  admissions: DeviceAdmissions
  changes: LiveReview
  edge: Edge
  devices: EdgeConnections
  listeners: ListenerSet
}

/** What each change means for the clients of MQTT and for the devices of the edge. */
function makeEnforce({ store, admissions, changes, edge, devices, listeners }: Enforcing): Enforce {
  const applyListeners = async () => {
    const changed = await listeners.apply(await store.listListeners())
    return [...(await changes.applyListeners(changed)), ...(await devices.applyListeners(changed))]
  }
  return {
    change: async (change) => {
      admissions.follow(change)
      // An admission rule concerns no client that has a user.
      if (change.kind === 'broker' || change.kind === 'admission') return []
      if (change.kind === 'listener') return applyListeners()
      if (change.kind === 'upstream') return edge.loadUpstreams()
      return [...(await changes.apply(change)), ...(await devices.apply(change))]
    },
    everything: async () => {
      admissions.forget()
      return [
        ...(await applyListeners()),
        ...(await edge.loadUpstreams()),
        ...(await changes.reloadTrust()),
        ...(await devices.apply({ kind: 'policy', ids: null })),
      ]
    },
  }
}

/** Without it the broker works, and the console's port refuses MQTT. */
async function openForConsole(
  parts: ListenerParts & { report(error: unknown): void },
  path: string | null,
): Promise<OpenListener | null> {
  if (path === null) return null
  try {
    return await openPrivateListener(parts, path)
  } catch (error) {
    parts.report(`MQTT on the console's port is off: ${String(error)}`)
    return null
  }
}

function describeOpen(listeners: ListenerSet): OpenListeners {
  const bound = listeners.reports().flatMap(({ id, boundPort }) => (boundPort === null ? [] : [[id, boundPort]]))
  return { listeners: listeners.views(), failed: listeners.failures(), boundPorts: Object.fromEntries(bound) }
}

type State = ReturnType<typeof makeState>

async function startEngine(
  state: State & Pick<BrokerDeps, 'log'> & { report(error: unknown): void; findRules: FindRules },
  settings: BrokerSettings,
): Promise<Engine> {
  return Engine.start({
    store: await openState(settings.dataDir, state.log),
    policy: makePolicy(state),
    events: makeEngineEvents(state),
    limits: toEngineLimits(settings.limits),
    systemTopics: settings.systemTopics ?? undefined,
  })
}

function makeState(settings: BrokerSettings, { clock, host }: Pick<BrokerDeps, 'clock' | 'host'>) {
  const store = openStore(settings.database)
  const stats = new StatsBuffer()
  const decisions = makeDecisions(clock, stats)
  const trust = new Trust(store, clock)
  return {
    clock,
    store,
    stats,
    decisions,
    trust,
    devices: new EdgeConnections({ clock, store, trust, decisions }),
    bounds: makeConnectionBounds(decisions, settings),
    passwords: new Passwords((attempt) => host.checkPassword(attempt)),
    admissions: new DeviceAdmissions({ clock, store, host }),
    connections: new Connections(),
    clientIds: new ClientIds(),
    epoch: new Epoch(),
    loopDelay: new LoopDelay(),
  }
}
