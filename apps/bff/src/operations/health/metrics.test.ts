/** `/metrics`: counters and gauges in the Prometheus text format, for callers on this machine. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, startApp, type TestApp } from '../../../test/app.ts'
import { makeEnrolled, signIn } from '../../../test/authenticator.ts'
import { eventually } from '../../../test/broker-world.ts'
import { connectClient } from '../../../test/mqtt-client.ts'
import { sendRaw } from '../../../test/raw-request.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.stop())

const scrape = (headers: Record<string, string> = {}) => sendRaw(app, { method: 'GET', path: '/metrics' }, { headers })

async function read(): Promise<Map<string, number>> {
  const { text } = await scrape()
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

it('are Prometheus text with a help line for each figure', async () => {
  const { text, headers, status } = await scrape()
  expect(status).toBe(200)
  expect(headers.get('Content-Type')).toMatch(/^text\/plain;.*version=0\.0\.4/)
  for (const name of ['gatehouse_mqtt_connections', 'gatehouse_sign_ins_total', 'nodejs_eventloop_lag_p99_seconds'])
    expect(text).toMatch(new RegExp(`# HELP ${name} .+\n# TYPE ${name} (gauge|counter)`))
})

it('count sign-ins and calls by result', async () => {
  const before = await read()
  const { username } = await makeEnrolled(app, 'with-factor')
  await signIn(app, username)
  await signIn(app, 'admin', 'wrong').catch(() => {})
  await app.anyone(session.login, { body: { username: 'admin', password: goodPassword } })
  await app.anyone(users.list, {}).catch(() => {})
  const after = await read()
  const more = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
  // For creating the user, its own before it enrolled, and by the script.
  expect(more('gatehouse_sign_ins_total{outcome="admitted"}')).toBe(3)
  expect(more('gatehouse_sign_ins_total{outcome="code_due"}')).toBe(1)
  expect(more('gatehouse_sign_ins_total{outcome="wrong_credentials"}')).toBe(1)
  const calls = 'gatehouse_http_request_duration_seconds_count'
  expect(more(`${calls}{route="users.list",outcome="not_signed_in"}`)).toBe(1)
  expect(more(`${calls}{route="session.login",outcome="ok"}`)).toBe(1)
})

it('show connections, trust store and decisions of the broker', async () => {
  const stranger = { username: 'stranger', password: Buffer.from('a guess') }
  const client = await connectClient(Number(new URL(app.started.mqttUrl ?? '').port), { connect: stranger })
  expect(await client.connack()).toBe(4)
  const samples = await read()
  expect(samples.get('gatehouse_mqtt_up')).toBe(1)
  expect(samples.get('gatehouse_mqtt_connections')).toBe(0)
  expect(samples.get('gatehouse_trust_store_authorities')).toBe(1)
  const ends = (kind: string) => samples.get(`gatehouse_certificate_expiry_timestamp_seconds{kind="${kind}"}`)
  const own = await readFile(join(app.dataDir, 'authority.crt'))
  expect(ends('authority')).toBe(new X509Certificate(own).validToDate.getTime() / 1_000)
  expect(ends('server')).toBeLessThan(ends('authority') ?? 0)
  expect(ends('issued')).toBeUndefined()
  expect(samples.get('gatehouse_mqtt_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
  await eventually(async () =>
    expect((await read()).get('gatehouse_mqtt_decisions_total{outcome="refused",reason="unknown_user"}')).toBe(1),
  )
})

it('are refused to a caller behind a proxy', async () => {
  const { status, text } = await scrape({ 'X-Forwarded-For': '203.0.113.7' })
  expect([status, text]).toEqual([404, ''])
})
