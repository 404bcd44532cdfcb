/** The composition root: opens, creates, connects and starts all parts, and stops them in reverse order. */

import { fileURLToPath } from 'node:url'
import type { IssuedPems } from '@gatehouse/pki/make/issue'
import type { Logger } from 'pino'
import { makeApp } from './app.ts'
import { type Broker, startBroker } from './brokers/embedded/start-broker.ts'
import { makeVouching } from './certificates/authorities/confirm.ts'
import { BuiltInKeeper } from './certificates/built-in-authority/keeper.ts'
import { revokeIssuedTo } from './certificates/issued/end.ts'
import { makeSeenRecorder } from './certificates/seen/recorder.ts'
import { requireDatabase, requireDatabaseFile, takeDataFolder } from './data-folder.ts'
import type { Settings } from './env.ts'
import { rememberAddress } from './identity/passwords/known-sources.ts'
import { openKeyring } from './identity/second-factors/data-key.ts'
import { identifySession } from './identity/sign-in/identify.ts'
import { hasGrant } from './identity/sign-in/may-sign-in.ts'
import { renewSession } from './identity/sign-in/renew.ts'
import { deleteSessionsOf } from './identity/sign-in/store.ts'
import { identifyToken } from './identity/tokens/identify.ts'
import { deleteTokensOfPassword } from './identity/tokens/store.ts'
import { ensureFirstAdministrator, type FirstSignIn } from './identity/users/first-administrator.ts'
import { requireAdministrator, requireCoverOfUser, requireStillHeld } from './identity/users/limits.ts'
import { provePassword } from './identity/users/prove-password.ts'
import { roleHolders } from './identity/users/role-holders-store.ts'
import { findCredentials, findCredentialsById, updateLastSignIns } from './identity/users/store.ts'
import { makeActivityRecorder } from './operations/activity/recorder.ts'
import { makeMetrics } from './operations/health/metrics.ts'
import { type HealthParts, makeHealthApp } from './operations/health/routes.ts'
import { findEarliestEnds } from './operations/overview/expiries.ts'
import { forgetRole } from './operations/settings/service.ts'
import type { Clock } from './platform/base/clock.ts'
import { enoughFiles, openFileLimit, watchDescriptors } from './platform/base/descriptors.ts'
import { createSnapshotCache } from './platform/base/snapshot-cache.ts'
import { migrate } from './platform/db/migrate.ts'
import { type Db, openDatabase } from './platform/db/open.ts'
import { explainDatabaseFault } from './platform/db/start-faults.ts'
import { Storage } from './platform/db/storage.ts'
import { createResponseCache } from './platform/http/cached-response.ts'
import { limitConsole, limitHealth } from './platform/http/connections.ts'
import { makeDeviceCookie } from './platform/http/device-cookie.ts'
import { type HttpServer, hostInUrl, originsOf, serveHttp } from './platform/http/server.ts'
import { makeSessionCookie } from './platform/http/session-cookie.ts'
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

/** Maximum number of cached sessions and tokens. */
const signedInAtOnce = 1_000

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

/** Rejects with `BadSettings` if the data folder or the database is the reason. The data folder is released then. */
export async function start(options: StartOptions): Promise<Started> {
  const { dataDir, database } = options.settings
  const release = await takeDataFolder(dataDir, options.log)
  try {
    const started = await startParts(options)
    return { ...started, stop: () => started.stop().finally(release) }
  } catch (error) {
    release()
    throw explainDatabaseFault(error, database)
  }
}

async function startParts({ settings, clock, log, version, clockOffset }: StartOptions): Promise<Started> {
  requireDatabaseFile(settings)
  const database = await openDatabase(settings.database)
  const { db, reader, close } = database
  await requireDatabase(settings, database)
  await migrate(database)
  const folder = 'file' in settings.database ? settings.dataDir : null
  const storage = new Storage({ db, folder, lowBytes: settings.lowSpaceBytes, log })
  const note = notedTo({ log, storage })
  const keyring = await openKeyring(db, { given: settings.secretKeys, dataDir: settings.dataDir })
  const firstSignIn = await ensureFirstAdministrator({ db, clock }, settings.admin)
  const builtIn = await BuiltInKeeper.open({
    db,
    clock,
    log,
    dataDir: settings.dataDir,
    names: settings.tlsNames,
    given: settings.tls,
  })
  const tls = builtIn.server
  const isTls = settings.http.tls || settings.mqtts !== null || settings.health?.tls === true
  const serverCertificate = () => (isTls ? { ...builtIn.server, isGenerated: settings.tls === null } : null)
  const metrics = makeMetrics({
    askBroker: () => broker.status(),
    findEarliestEnds: () => findEarliestEnds({ reader, clock, serverCertificate }),
  })
  const recordActivity = makeActivityRecorder({ db, clock })
  const recordCertificates = makeSeenRecorder({ db })
  const broker = await startBroker({
    database: settings.database,
    plain: settings.mqtt,
    tls: settings.mqtts && { ...settings.mqtts, cert: tls.certificatePem, key: tls.privateKeyPem },
    trustedProxies: settings.http.trustedProxies,
    clockOffset: clockOffset ?? null,
    checkPassword: (attempt) => storage.watching(checkMqttPassword({ db, reader, clock }, attempt)),
    onSeen: (seen) => void note('last sign-ins', () => db.transaction().execute((trx) => updateLastSignIns(trx, seen))),
    onCertificatesSeen: (seen) => void note('used certificates', () => recordCertificates(seen)),
    onStats: (stats) => {
      metrics.decided(stats.decisions)
      void note("the broker's decisions", () => recordActivity(stats))
    },
    log,
  })
  // Also true behind a TLS proxy: it matters what the browser uses.
  const https = settings.http.tls || settings.http.publicUrl?.startsWith('https:') === true
  const cookie = makeSessionCookie({ secure: https })
  const deviceCookie = makeDeviceCookie({ secure: https })
  const origins = new Set<string>()
  if (openFileLimit() < enoughFiles)
    log.warn({ limit: openFileLimit() }, 'the limit of open files reduces the number of connections')
  const connections = limitConsole({ trustedProxies: settings.http.trustedProxies, log })
  const cache = createSnapshotCache({ snapshot: database.snapshot, max: signedInAtOnce })
  const context = { db, reader, cache, clock, keyring, version, log, enforcers: broker, broker, builtIn, storage }
  const health = { readiness: { failing: () => findFailing({ reader, broker, storage }) }, metrics }
  const app = makeApp({
    ...context,
    gate: {
      cookie,
      deviceCookie,
      origins,
      identifySession: (secret) => identifySession(context, secret),
      identifyToken: (secret) => identifyToken(context, secret),
      identified: (socket) => connections.identified(socket),
      responses: createResponseCache(database.snapshot),
      served: (call) => metrics.served(call),
    },
    isDemanded: async (one, userId) => (await findCredentialsById(one, userId))?.isFactorDemanded ?? true,
    renewSession: (trx, caller) => renewSession(trx, { caller, clock, proved: 'totp' }),
    requireStillHeld,
    requireAdministrator,
    holders: roleHolders,
    endSessions: deleteSessionsOf,
    endTokensOfPassword: deleteTokensOfPassword,
    endCertificates: (trx, of) => revokeIssuedTo(trx, clock, of),
    vouching: makeVouching(clock),
    forgetRole: (trx, of) => forgetRole(trx, clock, of),
    signingAuthority: () => builtIn.authority,
    mayActOn: (caller, userId) => requireCoverOfUser(reader, caller, userId),
    serverCertificate,
    localHealth: settings.health || settings.mayBeProxied ? null : health,
    onFault: (error) => storage.failed(error),
    https,
    publicHost: settings.publicHost,
    trustedProxies: settings.http.trustedProxies,
    webFolder: fileURLToPath(new URL('../../web/dist', import.meta.url)),
  })
  const server = await serveHttp(app, { http: settings.http, tls: settings.http.tls ? tls : null, connections })
  const healthServer = await serveHealth(health, { settings, tls, log })
  const { url } = server
  for (const origin of originsOf(settings, url)) origins.add(origin)
  const stopRetentionJob = startRetentionJob({ db, clock, log })
  const stopLooking = storage.watch()
  const stopCounting = watchDescriptors(log)
  const stopWatching = builtIn.watch(async (changed) => {
    server.replaceCertificate(changed)
    healthServer?.replaceCertificate(changed)
    await broker.replaceServerCertificate({ cert: changed.certificatePem, key: changed.privateKeyPem })
  })
  return {
    url: settings.http.publicUrl ?? url,
    mqttUrl: addressOf(broker, 'mqtt'),
    mqttsUrl: addressOf(broker, 'mqtts'),
    healthUrl: healthServer?.url ?? null,
    firstSignIn,
    stop: async () => {
      stopRetentionJob()
      stopLooking()
      stopCounting()
      stopWatching()
      await healthServer?.close()
      await server.close()
      await broker.stop()
      await close()
    },
  }
}

/** The listener of health and metrics. Null if the settings have none. */
async function serveHealth(
  parts: HealthParts,
  { settings, tls, log }: { settings: Settings; tls: IssuedPems; log: Logger },
): Promise<HttpServer | null> {
  const { health, tlsNames } = settings
  if (!health) return null
  const connections = limitHealth({ trustedProxies: [], log })
  const app = makeHealthApp({ ...parts, token: health.token, names: tlsNames })
  return serveHttp(app, { http: health, tls: health.tls ? tls : null, connections })
}

async function checkMqttPassword(
  { db, reader, clock }: { db: Db; reader: Db; clock: Clock },
  { username, password, address }: { username: string; password: string; address: string },
): Promise<'right' | 'wrong' | 'throttled'> {
  const user = await findCredentials(reader, username)
  const attempt = { secret: 'mqtt', username, password, user, source: { address, devices: [] } } as const
  const proof = await provePassword({ db, clock }, attempt)
  if (proof.outcome !== 'right') return proof.outcome
  await db.transaction().execute(async (trx) => {
    await proof.settle(trx)
    const mayCome = user !== null && user.disabled_at === null && hasGrant(user.grants, 'password')
    if (mayCome) await rememberAddress(trx, clock, { userId: user.id, kind: 'mqtt', address })
  })
  return 'right'
}

/** Records what the broker reports. A failure is logged only: the broker reports again, or the loss matters little. */
function notedTo({ log, storage }: { log: Logger; storage: Storage }) {
  return async (what: string, record: () => Promise<void>): Promise<void> => {
    try {
      await storage.watching(record())
    } catch (error) {
      log.warn({ err: error }, `${what}: not recorded`)
    }
  }
}

function addressOf(broker: Broker, name: 'mqtt' | 'mqtts'): string | null {
  const listener = broker.listeners.find((one) => one.name === name)
  return listener ? `${name}://${hostInUrl(listener.address)}:${listener.port}` : null
}
