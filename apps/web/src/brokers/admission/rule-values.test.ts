import type { AdmissionRule } from '@gatehouse/contract/brokers/admission-rules'
import { expect, test } from 'vitest'
import { patternFor, toChanges, toValues } from './rule-values.ts'

const rule: AdmissionRule = {
  id: '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b77',
  name: 'presses',
  authority: 'a'.repeat(64),
  authorityName: 'Plant',
  usernames: ['press-*'],
  roles: [],
  roleNames: [],
  maxPerHour: 100,
  maxTotal: 1_000,
  enabled: true,
  author: null,
  admitted: 0,
  admittedLastHour: 0,
  problem: null,
  createdAt: '2026-11-29T10:00:00.000Z',
  version: 1,
}

test('sends only what was changed', () => {
  expect(toChanges(rule, toValues(rule))).toEqual({})
  expect(toChanges(rule, { ...toValues(rule), enabled: false })).toEqual({ enabled: false })
  expect(toChanges(rule, { ...toValues(rule), usernames: ['press-1'] })).toEqual({ usernames: ['press-1'] })
})

test.each([
  ['press-7', 'press-*'],
  ['line-3-press-12', 'line-*-press-*'],
  ['press', 'press'],
])('suggests for %s the pattern %s', (username, pattern) => expect(patternFor(username)).toBe(pattern))
