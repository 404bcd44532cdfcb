import { expect, it } from 'vitest'
import { makeKeyring, newDataKey } from '../../platform/base/keyring.ts'
import { type Flow, flowMs, safePath, seal, unseal } from './flow.ts'

const keyring = makeKeyring(newDataKey())
const flow: Flow = {
  purpose: 'sign-in',
  providerId: 'p1',
  state: 'state',
  nonce: 'nonce',
  verifier: 'verifier',
  sessionId: null,
  redirectUri: 'https://console.example/api/auth/oidc/sso/callback',
  to: '/users',
  startedAt: 1_000_000_000,
}

it('opens what it sealed, for ten minutes', () => {
  const sealed = seal(keyring, flow)
  expect(sealed).toMatch(/^[\w-]+$/)
  expect(unseal(keyring, sealed, flow.startedAt + flowMs - 1)).toEqual(flow)
  expect(unseal(keyring, sealed, flow.startedAt + flowMs)).toBeNull()
})

it('does not open a flow that a clock far ahead has sealed', () => {
  expect(unseal(keyring, seal(keyring, flow), flow.startedAt - flowMs - 1)).toBeNull()
})

it('opens nothing that was changed, sealed elsewhere, or is too long', () => {
  const sealed = seal(keyring, flow)
  const changed = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`
  for (const text of ['', 'x', changed, 'A'.repeat(3_001), seal(makeKeyring(newDataKey()), flow)]) {
    expect(unseal(keyring, text, flow.startedAt)).toBeNull()
  }
})

it('fits into a cookie with the longest path', () => {
  const longest = { ...flow, to: `/${'x'.repeat(499)}`, redirectUri: 'x'.repeat(400), verifier: 'x'.repeat(128) }
  expect(unseal(keyring, seal(keyring, longest), flow.startedAt)).toEqual(longest)
})

it.each([
  ['/users?q=a', '/users?q=a'],
  ['/', '/'],
  ['/a/../b', '/b'],
])('returns to %s', (path, expected) => {
  expect(safePath(path)).toBe(expected)
})

it.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  '/\t/evil.example',
  '/%0d%0aSet-Cookie:x',
  '/..//evil.example',
  'javascript:alert(1)',
  'users',
  '/api/auth/oidc/sso/start',
  `/${'x'.repeat(500)}`,
  '',
  undefined,
  ['/users'],
])('does not return to %j', (path) => {
  const safe = safePath(path)
  expect(new URL(safe, 'https://console.example').origin).toBe('https://console.example')
  expect(safe === '/' || safe === '/%0d%0aSet-Cookie:x').toBe(true)
})
