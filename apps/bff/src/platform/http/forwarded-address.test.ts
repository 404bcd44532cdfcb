/** A client address from a trusted proxy is normalised, or replaced by the proxy's own address. */

import { createClient } from '@gatehouse/contract/client'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { ourHeaders, sendRaw } from '../../../test/raw-request.ts'

let app: TestApp
beforeAll(async () => void (app = await startApp({ GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' })))
afterAll(() => app.stop())

const from = (forwarded: string) => createClient({ baseUrl: app.url, headers: { 'X-Forwarded-For': forwarded } })

const signIn = (forwarded: string, username: string, password = 'not the password') =>
  from(forwarded)(session.signIn, { body: { username, password } })

async function makeUser(username: string) {
  const admin = await app.as('admin')
  return admin(users.create, {
    body: { username, password: goodPassword, mustChangePassword: false, grantTypes: [{ method: 'password' }] },
  })
}

/** The address that the audit records for a sign-in of this new user through these proxies. */
async function auditedAddress(username: string, forwarded: string): Promise<string | null | undefined> {
  const { id } = await makeUser(username)
  await refused(signIn(forwarded, username), 'wrong_credentials')
  const admin = await app.as('admin')
  const { items } = await admin(audit.list, { search: { 'target[eq]': id, 'action[eq]': 'session.refused' } })
  expect(items).toHaveLength(1)
  return items[0]?.address
}

describe('the audit', () => {
  it.each([
    ['IPv4', '203.0.113.7', '203.0.113.7'],
    ['IPv4 with a port', '203.0.113.7:40001', '203.0.113.7'],
    ['IPv6 with a port', '[2001:db8::7]:443', '2001:db8::7'],
    ['IPv6 written out', '2001:0DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['IPv4 as IPv6', '::ffff:1.2.3.4', '1.2.3.4'],
    ['IPv6 with a zone', 'fe80::1%eth0', 'fe80::1'],
    ['a second trusted proxy with a port', '203.0.113.5:1, 10.0.0.2:2', '203.0.113.5'],
    ['an address that the client invented before its own', '198.51.100.1, 203.0.113.6', '203.0.113.6'],
    ['junk of 8 kB', 'x'.repeat(8_000), '127.0.0.1'],
    ['junk before a trusted proxy', 'junk, 10.0.0.3', '10.0.0.3'],
    ['nothing between commas', ', ,', '127.0.0.1'],
    ['a host name', 'localhost', '127.0.0.1'],
  ])('records the right address for %s', async (what, forwarded, expected) => {
    expect(await auditedAddress(what.replaceAll(/[^a-z0-9]/gi, '-'), forwarded)).toBe(expected)
  })
})

it('shows the normalised address in the list of sessions', async () => {
  await makeUser('listed')
  const headers = { ...ourHeaders, Origin: app.url, 'X-Forwarded-For': '[2001:db8::7]:443' }
  const body = JSON.stringify({ username: 'listed', password: goodPassword })
  const answer = await sendRaw(app, { method: 'POST', path: '/api/session' }, { headers, body })
  const cookie = answer.headers.get('Set-Cookie')?.split(';')[0] ?? ''
  const call = createClient({ baseUrl: app.url, headers: { Cookie: cookie, Origin: app.url } })
  const { items } = await call(sessions.list, {})
  expect(items.map(({ address }) => address)).toEqual(['2001:db8::7'])
})

describe('throttling', () => {
  it.each([
    ['IPv4', (n: number) => `203.0.113.77:${40_000 + n}`],
    ['IPv6', (n: number) => `[2001:db8::77]:${40_000 + n}`],
    ['zones', (n: number) => `fe80::77%${n}`],
    ['junk', (n: number) => `junk ${n}`],
  ])('counts %s with changing ports or zones as one address', async (what, forwarded) => {
    const username = `throttled-${what}`
    await makeUser(username)
    for (let n = 0; n < 5; n++) await refused(signIn(forwarded(n), username), 'wrong_credentials')
    await refused(signIn(forwarded(5), username, goodPassword), 'throttled')
    await signIn('203.0.113.200', username, goodPassword)
  })
})

it('ignores a forwarded address from a client that is not a trusted proxy', async () => {
  const direct = await startApp()
  try {
    const call = createClient({ baseUrl: direct.url, headers: { 'X-Forwarded-For': '203.0.113.9' } })
    await refused(call(session.signIn, { body: { username: 'admin', password: 'wrong' } }), 'wrong_credentials')
    const admin = await direct.as('admin')
    const { items } = await admin(audit.list, { search: { 'action[eq]': 'session.refused' } })
    expect(items.map(({ address }) => address)).toEqual(['127.0.0.1'])
  } finally {
    await direct.stop()
  }
})
