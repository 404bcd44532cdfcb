import type { ProviderImpact } from '@gatehouse/contract/identity/provider-previews'
import { expect, test } from 'vitest'
import { endingWords } from './disabling-note.tsx'

const impact: ProviderImpact = { users: 3, sessions: 2, tokens: 1, connections: 4, connectionsByBroker: [] }
const enabled = { enabled: true, keepsCertificates: false }
const disabled = { enabled: false, keepsCertificates: false }
const withCertificates = { enabled: false, keepsCertificates: true }

test('names what ends when a provider is disabled', () => {
  expect(endingWords(enabled, disabled)?.(impact)).toBe(
    'Disabling refuses 3 users. It ends 4 connections, 2 sessions, and 1 token.',
  )
})

test('names the connections that end when a disabled provider no longer keeps certificates', () => {
  expect(endingWords(withCertificates, disabled)?.(impact)).toBe('It ends 4 connections.')
})

test.each([
  ['stays enabled', enabled, enabled],
  ['stays disabled', disabled, disabled],
  ['keeps certificates from now on', disabled, withCertificates],
  ['is enabled', withCertificates, enabled],
])('names nothing for a provider that %s', (_, before, after) => {
  expect(endingWords(before, after)).toBeNull()
})
