import { expect, test } from 'vitest'
import { changeWords, impactSentence } from './user-impact.ts'

const none = { connections: 0, connectionsByBroker: [], sessions: 0, tokens: 0 }
const certificate = { method: 'certificate', isRequired: false } as const
const password = { method: 'password', isRequired: false } as const
const both = { grantTypes: [password, certificate], isDisabled: false }

test.each([
  ['one taken away', { ...both, grantTypes: [password] }, 'Turning Certificate off'],
  ['two taken away', { ...both, grantTypes: [] }, 'This change'],
  ['disabled', { ...both, isDisabled: true }, 'Disabling the user'],
  ['demanded', { ...both, grantTypes: [password, { ...certificate, isRequired: true }] }, 'Requiring Certificate'],
  ['something else', both, 'This change'],
])('%s', (_what, after, words) => expect(changeWords(both, after)).toBe(words))

test.each([
  [1, { ...none, connections: 1 }, 'Connected now. Disabling the user ends 1 connection.'],
  [
    3,
    { ...none, connections: 3, sessions: 2, tokens: 1 },
    '3 connections now. Disabling the user ends 3 connections, 2 sessions, and 1 token.',
  ],
  [0, { ...none, sessions: 1 }, 'Disabling the user ends 1 session.'],
  [1, none, 'Connected now. No connection ends.'],
  [0, none, 'Not connected now. No connection ends.'],
  [
    null,
    { ...none, connections: null },
    'The broker did not respond, so the number of connections that end is unknown.',
  ],
])('%s connected', (live, impact, words) => expect(impactSentence('Disabling the user', live, impact)).toBe(words))
