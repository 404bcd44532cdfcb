/** A PostgreSQL server with no free connection, because other clients hold them. */
import { setTimeout as wait } from 'node:timers/promises'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin, makeUser } from '../../../test/authenticator.ts'
import { connectClient } from '../../../test/mqtt-client.ts'
import { PostgresProcess } from '../../../test/postgres-process.ts'
import { openSql } from '../../../test/sql.ts'
import { readPostgresUrl } from './postgres-url.ts'

let postgres: PostgresProcess
let app: TestApp
const others: Client[] = []

beforeAll(async () => {
  postgres = new PostgresProcess({ max_connections: '24', superuser_reserved_connections: '3' })
  await postgres.start()
  // Not a superuser, so the reserved connections are not available to this role.
  await postgres.run('create role gatehouse login')
  await postgres.run('create database gatehouse owner gatehouse')
  const url = postgres.url('gatehouse', 'gatehouse')
  const database = { place: { url }, env: { GATEHOUSE_DATABASE_URL: url }, remove: async () => {} }
  app = await startApp({}, { database })
})
afterAll(async () => {
  await Promise.all(others.map((client) => client.end()))
  await app.stop()
  await postgres.remove()
})

/** Another client takes every remaining connection. */
async function takeAllConnections(): Promise<void> {
  for (;;) {
    const client = new Client(readPostgresUrl(postgres.url('gatehouse', 'gatehouse')))
    client.on('error', () => {})
    try {
      await client.connect()
      others.push(client)
    } catch {
      return
    }
  }
}

it('answers 80 concurrent requests over its existing connections', async () => {
  const admin = await freshAdmin(app)
  await takeAllConnections()
  const reads = Array.from({ length: 80 }, () => admin(users.list, {}).then(({ total }) => total))
  expect(await Promise.all(reads)).toEqual(Array.from({ length: 80 }, () => 1))
})

it('writes 20 concurrent users over its existing connections', async () => {
  const admin = await freshAdmin(app)
  const before = (await admin(users.list, {})).total ?? 0
  await takeAllConnections()
  const bodies = Array.from({ length: 20 }, (_, n) => ({ username: `device-${n}`, grantTypes: [] }))
  await Promise.all(bodies.map((body) => admin(users.create, { body })))
  expect((await admin(users.list, {})).total).toBe(before + 20)
})

/** Forbids our role any connection, and ends the ones it has. */
async function shutOut(): Promise<void> {
  await postgres.run('alter role gatehouse connection limit 0')
  await postgres.run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gatehouse'")
  const sql = openSql({ url: postgres.url() })
  const count = () => sql.value("select count(*) from pg_stat_activity where application_name = 'gatehouse'")
  await expect.poll(count).toBe(0)
  await sql.close()
  // The sockets are closed now. The pools of both threads notice it in their next turn.
  await wait(500)
}

it('waits for a connection if it has none, in the console and in the broker', async () => {
  await Promise.all(others.splice(0).map((client) => client.end()))
  await makeUser(app, 'press-7')
  const admin = await freshAdmin(app)
  await shutOut()
  const connecting = connectClient(Number(new URL(app.started.mqttUrl ?? '').port), {
    connect: { username: 'press-7', password: Buffer.from(goodPassword) },
  })
  const listing = Promise.all(Array.from({ length: 30 }, () => admin(users.list, {})))
  const signIn = app.browser().call(session.signIn, { body: { username: 'admin', password: goodPassword } })
  await wait(1_500)
  await postgres.run('alter role gatehouse connection limit -1')
  expect(await listing).toHaveLength(30)
  expect(await signIn).toMatchObject({ stage: 'full' })
  expect(await (await connecting).connack()).toBe(0)
})

it('answers 503 if no connection comes free in time, and serves again when one does', async () => {
  const admin = await freshAdmin(app)
  await shutOut()
  const askedAt = performance.now()
  await refused(admin(users.list, {}), 'unavailable')
  expect(performance.now() - askedAt).toBeGreaterThan(4_000)
  await postgres.run('alter role gatehouse connection limit -1')
  expect((await admin(users.list, {})).items).not.toEqual([])
})
