/** Starts a real broker thread on a real database, with real sockets. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Permission } from '@gatehouse/contract/access/permission'
import type { Decision } from '@gatehouse/contract/brokers/broker'
import type { BrokerLimits } from '@gatehouse/contract/brokers/limits'
import type { GrantMethod } from '@gatehouse/contract/identity/users'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { vi } from 'vitest'
import { freePort } from '../../../scripts/free-port.ts'
import { admitDevice } from '../src/brokers/admission/admit.ts'
import { readRules } from '../src/brokers/admission/facts.ts'
import type { BrokerOptions, PasswordAttempt, Seen } from '../src/brokers/embedded/port.ts'
import { type Broker, startBroker } from '../src/brokers/embedded/start-broker.ts'
import type { ListenerEnvironment } from '../src/brokers/listeners/environment.ts'
import { seedListeners } from '../src/brokers/listeners/seed.ts'
import type { SeenCertificate } from '../src/certificates/seen/store.ts'
import { defaultMqttLimits } from '../src/mqtt-limit-settings.ts'
import { systemClock, timestamp } from '../src/platform/base/clock.ts'
import { newId } from '../src/platform/base/id.ts'
import { appendChange, type Change } from '../src/platform/changes/store.ts'
import { migrate } from '../src/platform/db/migrate.ts'
import { type DatabasePlace, type Db, openDatabase } from '../src/platform/db/open.ts'
import { keepBrokerThreads } from './broker-threads.ts'
import { makeDatabase } from './database.ts'
import { type ConnectOptions, connectClient, type RawClient } from './mqtt-client.ts'

keepBrokerThreads()

const serverAuthority = makeAuthority({ subject: 'Server Authority' })
const serverCertificate = issue(serverAuthority, { subject: 'localhost', extendedKeyUsage: ['serverAuth'] })

export interface UserRecipe {
  grants?: readonly (GrantMethod | { method: GrantMethod; isRequired: boolean })[]
  id?: string
  read?: readonly string[]
  write?: readonly string[]
  prefix?: string
  password?: string
}

export interface World {
  db: Db
  broker: Broker
  database: DatabasePlace
  /** Milliseconds that the broker's clock is ahead. */
  clockOffset: Float64Array
  passwordChecks: PasswordAttempt[]
  seen: Seen[]
  certificatesSeen: SeenCertificate[]
  /** Errors that the broker logged. Any that remain at the end fail the test. */
  errors: string[]
  /** Replaces the answer to password checks. */
  answerPasswords(check: ((attempt: PasswordAttempt) => Promise<'right' | 'wrong' | 'throttled'>) | null): void
  addUser(username: string, recipe?: UserRecipe): Promise<string>
  addAuthority(authority: Issued, usernames?: readonly string[]): Promise<void>
  /** Writes into the change log, as another process does. Returns the sequence. */
  log(change: Change): Promise<number>
  /** Writes into the change log and waits until the broker has enforced it. Returns how many connections it ended. */
  changed(change: Change): Promise<number | null>
  connect(options?: ConnectOptions): Promise<RawClient>
  port(name: 'mqtt' | 'mqtts'): number
  /** Where sessions and messages are. */
  stateFolder: string
  /** Stops the broker and starts it again, on the same files. */
  restart(meanwhile?: () => Promise<void>): Promise<void>
  /** The matching decisions, oldest first. */
  decided(wanted?: Partial<Decision>): Promise<Decision[]>
  stop(): Promise<void>
}

export async function startWorld(
  options: {
    clientCertificate?: 'required' | 'accepted' | 'ignored'
    limits?: Partial<BrokerLimits>
    systemTopics?: BrokerOptions['systemTopics']
  } = {},
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-broker-'))
  const own = await makeDatabase(folder)
  const database = await openDatabase(own.place)
  const { db } = database
  await migrate(database)
  const { clientCertificate = 'accepted' } = options
  const environment: ListenerEnvironment = {
    mqtt: { host: '127.0.0.1', port: await freePort() },
    mqtts: { host: '127.0.0.1', port: await freePort(), clientCertificate },
    given: [],
    allowsPlain: false,
  }
  await seedListeners({ db, clock: systemClock }, environment)
  const clockOffset = new SharedArrayBuffer(8)
  const passwords = new Map<string, string>()
  const passwordChecks: PasswordAttempt[] = []
  const seen: Seen[] = []
  const certificatesSeen: SeenCertificate[] = []
  const errors: string[] = []
  const usual = async ({ username, password }: PasswordAttempt) =>
    passwords.get(username) === password ? ('right' as const) : ('wrong' as const)
  let check = usual as (attempt: PasswordAttempt) => Promise<'right' | 'wrong' | 'throttled'>
  const note = (facts: object, message: string) => void errors.push(`${message} ${inspect(facts)}`)
  const brokerOptions: BrokerOptions = {
    database: own.place,
    dataDir: folder,
    environment,
    serverCertificate: { cert: serverCertificate.certificatePem, key: serverCertificate.privateKeyPem },
    privateSocket: null,
    boundPorts: {},
    readListenerCertificate: async () => null,
    admissionRules: () => readRules(db, systemClock.now()),
    admitDevice: (device) => admitDevice({ db, reader: db, clock: systemClock }, device),
    readUpstreamSecret: async () => null,
    claimIdentity: async () => false,
    limits: { ...defaultMqttLimits(), ...options.limits },
    systemTopics: options.systemTopics ?? null,
    trustedProxies: [],
    clockOffset,
    checkPassword: (attempt) => {
      passwordChecks.push(attempt)
      return check(attempt)
    },
    onSeen: (batch) => void seen.push(...batch),
    onCertificatesSeen: (batch) => void certificatesSeen.push(...batch),
    onStats: () => {},
    onDecisions: () => {},
    log: { info: () => {}, warn: () => {}, error: note },
  }
  let broker = await startBroker(brokerOptions)
  const port = (name: 'mqtt' | 'mqtts') => broker.listeners.find((each) => each.name === name)?.port ?? 0
  const clients: RawClient[] = []
  const log = (change: Change) => db.transaction().execute((trx) => appendChange(trx, systemClock, change))
  const changed = async (change: Change) => broker.waitFor([await log(change)])
  return {
    db,
    get broker() {
      return broker
    },
    stateFolder: join(folder, 'broker.log'),
    database: own.place,
    clockOffset: new Float64Array(clockOffset),
    passwordChecks,
    seen,
    certificatesSeen,
    errors,
    answerPasswords: (other) => {
      check = other ?? usual
    },
    log,
    changed,
    addUser: async (username, recipe = {}) => {
      if (recipe.password !== undefined) passwords.set(username, recipe.password)
      return insertUser(db, username, recipe)
    },
    addAuthority: async (authority, usernames = []) => {
      await insertAuthority(db, authority, usernames)
      await changed({ kind: 'authority', ids: [authority.fingerprint] })
    },
    connect: async (wanted = {}) => {
      const client = await connectClient(port(wanted.tls ? 'mqtts' : 'mqtt'), wanted)
      clients.push(client)
      return client
    },
    port,
    restart: async (meanwhile) => {
      await broker.stop()
      await meanwhile?.()
      broker = await startBroker(brokerOptions)
    },
    decided: async (wanted = {}) => {
      const all = (await broker.decisions({})) ?? []
      const matches = (each: Decision) =>
        Object.entries(wanted).every(([key, value]) => each[key as keyof Decision] === value)
      return all.filter(matches).toReversed()
    },
    stop: async () => {
      for (const client of clients) client.socket.destroy()
      await broker.stop()
      await database.close()
      await own.remove()
      await rm(folder, { recursive: true })
      if (errors.length > 0) throw new Error(`The broker logged errors: ${errors.join('\n')}`)
    },
  }
}

/** Waits for a condition. The limit only ends a test that hangs. */
export function eventually<T>(look: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 15_000, interval: 20 })
}

export const serverAuthorityPem = serverAuthority.certificatePem

async function insertUser(db: Db, username: string, recipe: UserRecipe): Promise<string> {
  const { id = newId(systemClock.now()) } = recipe
  await db
    .insertInto('users')
    .values({
      id,
      username,
      username_folded: username.toLowerCase(),
      display_name: null,
      display_name_folded: null,
      methods: 0,
      kind: 'machine',
      identity_provider: 'local',
      mqtt_publish_prefix: recipe.prefix ?? null,
      password_hash: recipe.password === undefined ? null : `hash of ${recipe.password}`,
      password_change_required_at: null,
      mfa_enrolled_at: null,
      mfa_required_at: null,
      disabled_at: null,
      last_sign_in_at: null,
      created_at: timestamp(systemClock),
      version: 1,
    })
    .execute()
  await setGrants(db, id, recipe.grants ?? [recipe.password === undefined ? 'certificate' : 'password'])
  for (const [operation, resources] of [
    ['read', recipe.read],
    ['write', recipe.write],
  ] as const) {
    for (const resource of resources ?? []) await addPermission(db, id, { resource, operation })
  }
  return id
}

export async function setGrants(db: Db, userId: string, grants: NonNullable<UserRecipe['grants']>): Promise<void> {
  await db.deleteFrom('user_grants').where('user_id', '=', userId).execute()
  for (const grant of grants) {
    const { method, isRequired } = typeof grant === 'string' ? { method: grant, isRequired: false } : grant
    await db
      .insertInto('user_grants')
      .values({ user_id: userId, method, is_required: isRequired ? 1 : 0 })
      .execute()
  }
}

export async function addPermission(db: Db, userId: string, permission: Omit<Permission, 'context'>): Promise<void> {
  await db
    .insertInto('user_permissions')
    .values({ user_id: userId, context: 'mqtt', ...permission })
    .execute()
}

export async function removePermission(db: Db, userId: string, resource: string): Promise<void> {
  await db.deleteFrom('user_permissions').where('user_id', '=', userId).where('resource', '=', resource).execute()
}

async function insertAuthority(db: Db, authority: Issued, usernames: readonly string[]): Promise<void> {
  const { fingerprint } = authority
  await db
    .insertInto('authorities')
    .values({
      fingerprint,
      key_fingerprint: fingerprint,
      subject: 'CN=Test',
      issuer: 'CN=Test',
      name: 'Test',
      name_folded: 'test',
      notes: null,
      der: Buffer.from(authority.der),
      not_after: '2049-12-31T23:59:59.000Z',
      description: '{}',
      built_in: 0,
      uploaded_by: null,
      uploaded_at: timestamp(systemClock),
      withdrawn_at: null,
      version: 1,
    })
    .execute()
  for (const glob of usernames) await db.insertInto('authority_usernames').values({ fingerprint, glob }).execute()
}
