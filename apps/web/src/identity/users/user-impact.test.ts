import { expect, test } from 'vitest'
import { changeWords, impactSentence } from './user-impact.ts'

const none = { connections: 0, sessions: 0, tokens: 0 }
const certificate = { method: 'certificate', isRequired: false } as const
const password = { method: 'password', isRequired: false } as const
const both = { grantTypes: [password, certificate], isDisabled: false }

test.each([
  ['one taken away', { ...both, grantTypes: [password] }, 'Turning Certificate off'],
  ['two taken away', { ...both, grantTypes: [] }, 'This change'],
  ['disabled', { ...both, isDisabled: true }, 'Disabling'],
  ['demanded', { ...both, grantTypes: [password, { ...certificate, isRequired: true }] }, 'Requiring Certificate'],
  ['something else', both, 'This change'],
])('%s', (_what, after, words) => expect(changeWords(both, after)).toBe(words))

test.each([
  [1, { ...none, connections: 1 }, 'Connected now. Disabling ends 1 connection.'],
  [
    3,
    { connections: 3, sessions: 2, tokens: 1 },
    '3 connections now. Disabling ends 3 connections, 2 sessions, and 1 token.',
  ],
  [0, { ...none, sessions: 1 }, 'Disabling ends 1 session.'],
  [1, none, 'Connected now. Nothing ends.'],
  [0, none, 'Not connected now. Nothing ends.'],
  [null, { ...none, connections: null }, 'The broker does not answer: how many connections this ends is not known.'],
])('%s connected', (live, impact, words) => expect(impactSentence('Disabling', live, impact)).toBe(words))
