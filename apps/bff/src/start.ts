/** The composition root: opens, creates and starts all parts in order, and stops them in reverse order. */

import type { Logger } from 'pino'
import { createAccess } from './access-domain.ts'
import type { Domains } from './app.ts'
import { makeAdapters } from './broker-adapters.ts'
import type { Broker } from './brokers/embedded/start-broker.ts'
import { EnforcerHub } from './brokers/enforcers/hub.ts'
import type { BrokerSet } from './brokers/inventory/broker-set.ts'
import { createBrokers, startBrokers } from './brokers-domain.ts'
import { BuiltInAuthority } from './certificates/built-in-authority/built-in-authority.ts'
import { createCertificates } from './certificates-domain.ts'
import { takeDataFolder } from './data-folder.ts'
import { startEmbeddedBroker } from './embedded-broker.ts'
import type { Settings } from './env.ts'
import { openDirectories } from './identity/directory/open-directories.ts'
import { startSweeps } from './identity/directory/sweeps.ts'
import type { PasswordKnown } from './identity/passwords/known-password.ts'
import { ensureFirstAdministrator, type FirstSignIn } from './identity/users/first-administrator.ts'
import { createIdentity } from './identity-domain.ts'
import { serveConsole, serveEnforcers, serveHealth } from './listeners.ts'
import { openPlatform, type Platform } from './open-platform.ts'
import { makeMetrics } from './operations/health/metrics.ts'
import { findEarliestEnds } from './operations/overview/expiries.ts'
import { createOperations } from './operations-domain.ts'
import type { Clock } from './platform/base/clock.ts'
import { enoughFiles, openFileLimit, watchDescriptors } from './platform/base/descriptors.ts'
import { explainDatabaseFault } from './platform/db/start-faults.ts'
import { hostInUrl } from './platform/http/server.ts'
import { choosePrivateSocket } from './private-socket.ts'
import { findFailing } from './readiness.ts'
import { startRetentionJob } from './retention-job.ts'

export interface StartOptions {
  settings: Settings
  clock: Clock
  log: Logger
  version: string
  /** How far the clocks of both threads are ahead, in milliseconds. For tests only. */
  clockOffset?: SharedArrayBuffer
}

export interface Started {
  url: string
  mqttUrl: string | null
  mqttsUrl: string | null
  /** Of the listener for health and metrics. Null if there is none. */
  healthUrl: string | null
  /** Only at the first start. */
  firstSignIn: FirstSignIn | null
  stop(): Promise<void>
}

/**
 * Rejects with `BadSettings` if the data folder or the database is the reason. The parts that were started are stopped
 * then, and the data folder is released.
 */
export async function start(options: StartOptions): Promise<Started> {
  const { dataDir, database } = options.settings
  const parts = new AsyncDisposableStack()
  parts.defer(await takeDataFolder(dataDir, options.log))
  try {
    const started = await startParts(options, parts)
    return { ...started, stop: () => parts.disposeAsync() }
  } catch (error) {
    await parts.disposeAsync()
    throw explainDatabaseFault(error, database)
  }
}

/** Puts a function that stops the part on `parts` for each part. They run in reverse order. */
async function startParts(options: StartOptions, parts: AsyncDisposableStack): Promise<Omit<Started, 'stop'>> {
  const { settings, clock, log, version, clockOffset } = options
  warnAboutOpenFiles(log)
  const platform = await openPlatform(settings, { clock, log })
  parts.defer(() => platform.close())
  const firstSignIn = await ensureFirstAdministrator(platform, settings.admin)
  const builtIn = await openBuiltInAuthority(platform, settings)
  const tls = builtIn.server.pems
  const serverCertificate = () =>
    usesTls(settings, broker) ? { ...builtIn.server.pems, isGenerated: !builtIn.server.isGiven } : null
  const metrics = makeMetrics({ findEarliestEnds: () => findEarliestEnds({ ...platform, serverCertificate }) })
  const privateSocket = settings.consoleMqtt ? await choosePrivateSocket(settings.dataDir) : null
  parts.defer(() => privateSocket?.remove())
  const directories = openDirectories(platform)
  parts.defer(() => directories.close())
  // The embedded broker starts first: until the others are there, none of them needs a password.
  let others: BrokerSet | null = null
  const passwordKnown: PasswordKnown = (known) => others?.passwordKnown(known)
  const { broker, mountedCertificate, recorded } = await startEmbeddedBroker(platform, {
    settings,
    version,
    tls,
    metrics,
    privateSocket: privateSocket?.path ?? null,
    clockOffset: clockOffset ?? null,
    passwordKnown,
    directories,
  })
  parts.defer(recorded)
  parts.defer(() => broker.stop())
  parts.defer(mountedCertificate.watch())
  const hub = new EnforcerHub(clock)
  const adapters = makeAdapters(platform, { hub, builtIn, folders: settings.brokerFolders })
  const enforcers = await startBrokers(platform, { broker, settings, adapters })
  others = enforcers
  parts.defer(() => enforcers.close())
  const endpoint = await serveEnforcers(platform, { settings, hub })
  parts.defer(() => endpoint.close())
  const domains: Domains = {
    access: createAccess(platform, { broker, enforcers }),
    identity: createIdentity(platform, {
      broker,
      enforcers,
      passwordKnown,
      directories,
      version,
      proxy: settings.proxy,
    }),
    certificates: createCertificates(platform, { broker, enforcers, builtIn }),
    brokers: createBrokers(platform, {
      broker,
      mountedCertificate,
      brokers: enforcers,
      settings,
      adapters,
      hub,
      enforcerUrl: endpoint.url,
      commonCertificate: () => builtIn.server.pems.certificatePem,
    }),
    operations: createOperations(platform, { broker, brokers: enforcers, serverCertificate }),
  }
  parts.defer(() => domains.brokers.imports.stop())
  const health = {
    readiness: { failing: () => findFailing({ ...platform, broker }) },
    writeMetrics: () => metrics.write(() => broker.status()),
  }
  const server = await serveConsole(platform, {
    settings,
    version,
    tls,
    domains,
    health,
    metrics,
    mqttSocket: privateSocket?.path ?? null,
  })
  parts.defer(() => server.close())
  const healthServer = await serveHealth(platform, { settings, tls, health })
  parts.defer(() => healthServer?.close())
  parts.defer(startJobs(platform))
  parts.defer(startSweeps(domains.identity, log))
  const stopRenewals = builtIn.startRenewals(async (changed) => {
    server.replaceCertificate(changed)
    healthServer?.replaceCertificate(changed)
    await broker.replaceServerCertificate({ cert: changed.certificatePem, key: changed.privateKeyPem })
  })
  parts.defer(stopRenewals)
  return {
    url: settings.http.publicUrl ?? server.url,
    mqttUrl: addressOf(broker, 'mqtt'),
    mqttsUrl: addressOf(broker, 'mqtts'),
    healthUrl: healthServer?.url ?? null,
    firstSignIn,
  }
}

function openBuiltInAuthority({ db, clock, log }: Platform, settings: Settings): Promise<BuiltInAuthority> {
  const { dataDir, tlsNames: names, tls: given } = settings
  return BuiltInAuthority.open({ db, clock, log, dataDir, names, given })
}

function usesTls({ http, health }: Settings, broker: Broker): boolean {
  return http.tls || health?.tls === true || broker.listeners.some(({ tls }) => tls)
}

function warnAboutOpenFiles(log: Logger): void {
  const limit = openFileLimit()
  if (limit < enoughFiles) log.warn({ limit }, 'the limit of open files reduces the number of connections')
}

/** Starts what runs at intervals. Returns a function that stops it. */
function startJobs({ db, clock, log, storage }: Platform): () => void {
  const stops = [startRetentionJob({ db, clock, log }), storage.watch(), watchDescriptors(log)]
  return () => {
    for (const stop of stops) stop()
  }
}

function addressOf(broker: Broker, scheme: 'mqtt' | 'mqtts'): string | null {
  const isWanted = ({ purpose, tls }: Broker['listeners'][number]) => purpose === 'mqtt' && tls === (scheme === 'mqtts')
  const listener = broker.listeners.find(isWanted)
  return listener ? `${scheme}://${hostInUrl(listener.address)}:${listener.port}` : null
}
