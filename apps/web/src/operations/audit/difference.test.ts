import { expect, test } from 'vitest'
import { differencesOf } from '../../ui/difference.ts'
import { valueWords } from './value-words.ts'

test('lists changed fields first, and keeps the unchanged ones', () => {
  const before = { displayName: 'Press 1', roles: ['reader', 'writer'], kind: 'machine' }
  const after = { displayName: 'Press 1', roles: ['reader', 'operator'], kind: 'machine' }
  expect(differencesOf({ before, after }, valueWords)).toEqual([
    {
      field: 'Roles',
      isChanged: true,
      lines: [
        { text: 'writer', kind: 'removed' },
        { text: 'operator', kind: 'added' },
        { text: 'reader', kind: 'same' },
      ],
    },
    { field: 'Display name', isChanged: false, lines: [{ text: 'Press 1', kind: 'same' }] },
    { field: 'Kind', isChanged: false, lines: [{ text: 'Device', kind: 'same' }] },
  ])
})

test('names the choices of a policy, of a listener and of an upstream as their forms do', () => {
  const after = {
    mfa: { requiredFor: 'everyone' },
    crl: { whenExpired: 'refuse' },
    audit: { keepDays: 'never' },
    clientCertificate: 'required',
    authentication: 'basic',
    kind: 'generic',
  }
  expect(
    differencesOf({ before: null, after }, valueWords).flatMap(({ lines }) => lines.map(({ text }) => text)),
  ).toEqual(['Everyone', 'Refuse its clients', 'Never', 'Required', 'Username and password', 'Any HTTP server'])
})

test('shows a value that was added, and one that was removed', () => {
  const filled = { mqttPublishPrefix: 'line-3/' }
  const empty = { mqttPublishPrefix: null }
  expect(differencesOf({ before: empty, after: filled }, valueWords)[0]?.lines).toEqual([
    { text: 'line-3/', kind: 'added' },
  ])
  expect(differencesOf({ before: filled, after: empty }, valueWords)[0]?.lines).toEqual([
    { text: 'line-3/', kind: 'removed' },
  ])
})

test('writes permissions and grants as text', () => {
  const after = {
    permissions: [{ context: 'mqtt', resource: 'line-3/#', operation: 'read' }],
    grantTypes: [
      { method: 'certificate', isRequired: true },
      { method: 'password', isRequired: false },
    ],
  }
  expect(differencesOf({ before: null, after }, valueWords).map(({ lines }) => lines.map(({ text }) => text))).toEqual([
    ['May subscribe to line-3/#'],
    ['Certificate (required)', 'Password'],
  ])
})

test('marks nothing as changed for a created or deleted resource', () => {
  expect(differencesOf({ before: null, after: { name: 'reader' } }, valueWords)).toEqual([
    { field: 'Name', isChanged: false, lines: [{ text: 'reader', kind: 'same' }] },
  ])
  expect(differencesOf({ before: null, after: null }, valueWords)).toEqual([])
})

test('compares a group field by field, and shows unknown groups', () => {
  const before = { password: { min: 15, lower: 0 }, someNew: { thing: [{ a: 1 }] } }
  const after = { password: { min: 20, lower: 0 }, someNew: { thing: [{ a: 2 }] } }
  expect(differencesOf({ before, after }, valueWords).filter(({ isChanged }) => isChanged)).toEqual([
    {
      field: 'Minimum length (characters)',
      isChanged: true,
      lines: [
        { text: '15', kind: 'removed' },
        { text: '20', kind: 'added' },
      ],
    },
    {
      field: 'someNew.thing',
      isChanged: true,
      lines: [
        { text: '{"a":1}', kind: 'removed' },
        { text: '{"a":2}', kind: 'added' },
      ],
    },
  ])
})
