/** Starts the real application for tests: a temporary database, free ports, a movable clock, real sessions over HTTP. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import { ApiProblem, type Call, createClient } from '@gatehouse/contract/client'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { errorsOf } from '@gatehouse/contract/openapi/refusals'
import { pino } from 'pino'
import { expect } from 'vitest'
import { readSettings } from '../src/env.ts'
import { hashWithMemoryForTests } from '../src/identity/passwords/hashing.ts'
import { offsetClock } from '../src/platform/base/clock.ts'
import type { DatabasePlace } from '../src/platform/db/open.ts'
import { type Started, start } from '../src/start.ts'
import { keepBrokerThreads } from './broker-threads.ts'
import { makeDatabase, type TestDatabase } from './database.ts'
import { keptFetch } from './kept-fetch.ts'

export const goodPassword = 'a perfectly good password'

// Hashing with 46 MiB took more than half of the time of these tests. Tests that start a process hash as production does.
export const testMemoryKib = 1024
hashWithMemoryForTests(testMemoryKib)
keepBrokerThreads()

/** Users that tests act as, each with its own role. */
const cast = {
  auditor: [{ context: 'http', resource: '/#', operation: 'read' }],
  operator: [
    { context: 'http', resource: '/api/users/#', operation: 'readWrite' },
    { context: 'http', resource: '/api/roles/#', operation: 'readWrite' },
    { context: 'http', resource: '/api/authorities/#', operation: 'readWrite' },
    { context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' },
  ],
  nobody: [],
} as const satisfies Record<string, readonly Permission[]>

export type Actor = 'admin' | keyof typeof cast

export interface TestApp {
  started: Started
  url: string
  dataDir: string
  database: DatabasePlace
  /** The environment for another program that uses the same data. */
  env: Record<string, string>
  /** Calls without a session. */
  anyone: Call
  /** Calls as a signed-in user. The user is created on first use. */
  as(actor: Actor): Promise<Call>
  /** A new browser: it stores cookies and sends them. These headers are what a proxy adds. */
  browser(headers?: () => Record<string, string>): Browser
  /** A new token of this actor. */
  token(actor: Actor): Promise<string>
  /** The time of the app's clock. */
  now(): Date
  /** Moves the clock of both threads. */
  advance(byMs: number): void
  /** Restarts the application on the same data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface Browser {
  call: Call
  fetch: typeof globalThis.fetch
  /** The session's, as it is sent. */
  cookie(): string | null
  /** All cookies by name, each as it is sent. */
  jar: Map<string, string>
}

/** What an app finds when it starts, instead of an empty folder and a new database. */
export interface Found {
  dataDir?: string
  database?: TestDatabase
  /** The app's clock shows this time at the start. */
  now?: Date
}

/** Starts on a new database, unless one is given. */
export async function startApp(env: Record<string, string> = {}, found: Found = {}): Promise<TestApp> {
  const dataDir = found.dataDir ?? (await mkdtemp(join(tmpdir(), 'gatehouse-test-')))
  const database = found.database ?? (await makeDatabase(dataDir))
  const clockOffset = new SharedArrayBuffer(8)
  const offset = new Float64Array(clockOffset)
  if (found.now) offset[0] = found.now.getTime() - Date.now()
  const settings = readSettings({
    GATEHOUSE_DATA_DIR: dataDir,
    GATEHOUSE_HTTP_PORT: '0',
    GATEHOUSE_MQTT_PORT: '0',
    GATEHOUSE_MQTTS_PORT: '0',
    GATEHOUSE_ADMIN_PASSWORD: goodPassword,
    ...database.env,
    ...env,
  })
  const clock = offsetClock(() => offset[0] ?? 0)
  const begin = () =>
    start({
      settings,
      clock,
      log: pino({ level: 'silent' }),
      version: 'test',
      clockOffset,
    })
  let started = await begin()
  const known = new Map<Actor, Promise<Call>>()

  const browser: TestApp['browser'] = (headers) => makeBrowser(() => started.url, null, headers)
  const signInAs = async (actor: Actor): Promise<Call> => {
    if (actor !== 'admin') await makeActor(await app.as('admin'), actor)
    const { call } = browser()
    await call(session.signIn, { body: { username: actor, password: goodPassword } })
    return call
  }
  const app: TestApp = {
    get started() {
      return started
    },
    get url() {
      return started.url
    },
    dataDir,
    database: database.place,
    env: { GATEHOUSE_DATA_DIR: dataDir, ...database.env },
    anyone: heldToContract((route, input) => createClient({ baseUrl: started.url, fetch: keptFetch })(route, input)),
    as: (actor) => {
      const call = known.get(actor) ?? signInAs(actor)
      known.set(actor, call)
      return call
    },
    browser,
    token: async (actor) => {
      await app.as(actor)
      const { token } = await app.anyone(session.login, { body: { username: actor, password: goodPassword } })
      return token
    },
    now: () => clock.now(),
    advance: (byMs) => {
      offset[0] = (offset[0] ?? 0) + byMs
    },
    restart: async () => {
      await started.stop()
      started = await begin()
    },
    stop: async () => {
      await started.stop()
      await database.remove()
      await rm(dataDir, { recursive: true })
    },
  }
  return app
}

async function makeActor(admin: Call, actor: keyof typeof cast): Promise<void> {
  const role = await admin(roles.create, { body: { name: `${actor}-role`, permissions: [...cast[actor]] } })
  await admin(users.create, {
    body: {
      username: actor,
      password: goodPassword,
      mustChangePassword: false,
      roles: [role.id],
      grantTypes: [{ method: 'password' }, { method: 'token' }],
    },
  })
}

/** Fails any test in which a route answers with an error code that its contract does not list. */
function heldToContract(call: Call): Call {
  return async (route, input) => {
    try {
      return await call(route, input)
    } catch (error) {
      const isUnnamed = error instanceof ApiProblem && ![...errorsOf(route), ...everywhere].includes(error.code)
      throw isUnnamed ? new Error(`${route.id} answered ${error.code}, which its contract does not name`) : error
    }
  }
}

const everywhere: readonly ErrorCode[] = ['internal', 'unavailable', 'storage_full']

/** A browser for a server that the test started in another way. It stores cookies, this one from the start, and sends these headers. */
export function makeBrowser(
  url: () => string,
  remembered: string | null = null,
  headers: () => Record<string, string> = () => ({}),
): Browser {
  const jar = new Map<string, string>()
  const remember = (pair: string) => {
    const at = pair.indexOf('=')
    if (at === pair.length - 1) jar.delete(pair.slice(0, at))
    else jar.set(pair.slice(0, at), pair)
  }
  if (remembered !== null) remember(remembered)
  const fetchWithCookie: typeof globalThis.fetch = async (input, init) => {
    const sent = new Headers(init?.headers)
    sent.set('Sec-Fetch-Site', 'same-origin')
    for (const [name, value] of Object.entries(headers())) sent.set(name, value)
    if (jar.size > 0) sent.set('Cookie', [...jar.values()].join('; '))
    const response = await keptFetch(input, { ...init, headers: sent })
    for (const line of response.headers.getSetCookie()) remember(line.split(';')[0] ?? '')
    return response
  }
  return {
    call: heldToContract((route, input) => createClient({ baseUrl: url(), fetch: fetchWithCookie })(route, input)),
    fetch: fetchWithCookie,
    cookie: () => jar.get('gatehouse') ?? jar.get('__Host-gatehouse') ?? null,
    jar,
  }
}

/** Expects a refusal with this code and returns it, for a check of its fields. */
export async function refused(calling: Promise<unknown>, code: ErrorCode): Promise<ApiProblem> {
  const error = await calling.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ApiProblem)) throw error ?? new Error(`Expected ${code}, but the call succeeded`)
  expect(error.code).toBe(code)
  return error
}
