/** Starts the embedded broker and gives it what it needs from the main thread: password checks, and records of what it reports. */
import type { IssuedPems } from '@gatehouse/pki/make/issue'
import { admitDevice } from './brokers/admission/admit.ts'
import { readRules } from './brokers/admission/facts.ts'
import { makeDecisionRecorder } from './brokers/decisions/recorder.ts'
import { serverFiles } from './brokers/edge/mender/mounted-files.ts'
import { seedMender } from './brokers/edge/mender/seed.ts'
import type { BrokerSettings } from './brokers/embedded/port.ts'
import { type Broker, startBroker } from './brokers/embedded/start-broker.ts'
import { MountedCertificate } from './brokers/listeners/mounted-certificate.ts'
import { seedListeners } from './brokers/listeners/seed.ts'
import { readServerCertificate } from './brokers/listeners/store.ts'
import { claimForDevice } from './brokers/upstreams/service.ts'
import { readSecret } from './brokers/upstreams/store.ts'
import { ownPorts } from './brokers-domain.ts'
import { makeSeenRecorder } from './certificates/seen/recorder.ts'
import type { Settings } from './env.ts'
import { makeMqttPasswordCheck } from './identity/directory/mqtt-password.ts'
import type { OpenDirectories } from './identity/directory/open-directories.ts'
import type { PasswordKnown } from './identity/passwords/known-password.ts'
import { updateLastSignIns } from './identity/users/store.ts'
import type { Platform } from './open-platform.ts'
import { makeActivityRecorder } from './operations/activity/recorder.ts'
import type { Metrics } from './operations/health/metrics.ts'

interface Parts {
  settings: Settings
  /** The running version of Gatehouse. */
  version: string
  /** The server's certificate for TLS listeners. */
  tls: IssuedPems
  metrics: Pick<Metrics, 'decided' | 'dropped'>
  /** The socket file of MQTT on the console's port. Null: it is off. */
  privateSocket: string | null
  /** How far the clocks of both threads are ahead, in milliseconds. For tests only. */
  clockOffset: SharedArrayBuffer | null
  passwordKnown: PasswordKnown
  directories: OpenDirectories
}

interface EmbeddedBroker {
  broker: Broker
  mountedCertificate: MountedCertificate
  /** Resolves when everything that the broker has reported is in the database. */
  recorded(): Promise<void>
}

export async function startEmbeddedBroker(
  platform: Platform,
  { settings, version, tls, metrics, privateSocket, clockOffset, passwordKnown, directories }: Parts,
): Promise<EmbeddedBroker> {
  const { db, reader, clock, log, storage, keyring } = platform
  await seedListeners({ db, clock }, settings.listeners)
  const { listeners: environment, admin, mender } = settings
  const administrator = admin.username
  await seedMender({ db, clock, keyring, log, environment, ownPorts: ownPorts(settings), administrator }, mender)
  // Before the listener opens: what was renewed meanwhile counts from its first connection on.
  const mountedCertificate = await MountedCertificate.open(
    { db, reader, clock, keyring, log },
    mender && serverFiles(mender.certificates),
  )
  const recordActivity = makeActivityRecorder({ db, clock })
  const recordCertificates = makeSeenRecorder({ db })
  const recordDecisions = makeDecisionRecorder({ db, clock })
  const { record, recorded } = makeReportRecorder(platform)
  const checkPassword = makeMqttPasswordCheck({ db, reader, clock, passwordKnown, directories })
  const broker = await startBroker({
    database: settings.database,
    dataDir: settings.dataDir,
    environment: settings.listeners,
    serverCertificate: { cert: tls.certificatePem, key: tls.privateKeyPem },
    privateSocket,
    boundPorts: {},
    limits: settings.mqttLimits,
    systemTopics: systemTopics(settings, version),
    trustedProxies: settings.http.trustedProxies,
    clockOffset,
    checkPassword: (attempt) => storage.watching(checkPassword(attempt)),
    onSeen: (seen) =>
      void record('last sign-ins', () => db.transaction().execute((trx) => updateLastSignIns(trx, seen))),
    onCertificatesSeen: (seen) => void record('used certificates', () => recordCertificates(seen)),
    onStats: (stats) => {
      metrics.decided(stats.decisions)
      metrics.dropped(stats.drops)
      void record("the broker's decisions", () => recordActivity(stats))
    },
    readListenerCertificate: (id) => readServerCertificate(reader, keyring, id),
    admissionRules: () => readRules(reader, clock.now()),
    admitDevice: (device) => storage.watching(admitDevice({ db, reader, clock }, device)),
    claimIdentity: (claim) => storage.watching(claimForDevice({ db, reader, clock }, claim)),
    readUpstreamSecret: (id) => readSecret(reader, keyring, id),
    onDecisions: (report) => void record('decisions to keep', () => recordDecisions(report)),
    log,
  })
  return { broker, mountedCertificate, recorded }
}

function systemTopics({ systemTopicsEveryMs: intervalMs }: Settings, version: string): BrokerSettings['systemTopics'] {
  return intervalMs === null ? null : { version: `Gatehouse version ${version}`, intervalMs }
}

/** Records what the broker reports. A failure is logged only: the broker reports again, or the loss matters little. */
function makeReportRecorder({ log, storage }: Platform) {
  const pending = new Set<Promise<void>>()
  const attempt = async (what: string, write: () => Promise<void>): Promise<void> => {
    try {
      await storage.watching(write())
    } catch (error) {
      log.warn({ err: error }, `${what}: not recorded`)
    }
  }
  return {
    record: async (what: string, write: () => Promise<void>): Promise<void> => {
      const attempted = attempt(what, write)
      pending.add(attempted)
      await attempted
      pending.delete(attempted)
    },
    recorded: async (): Promise<void> => void (await Promise.all(pending)),
  }
}
