import { describe, expect, it } from 'vitest'
import { curlLine, endOfLife, tokenEndWords } from './token-words.ts'

const now = Date.parse('2026-11-20T10:00:00Z')

const said = (createdAt: string, expiresAt: string) => tokenEndWords({ createdAt, expiresAt }, now)?.label ?? null

describe('the end of a token', () => {
  it.each([
    ['1', '2026-11-21T10:00:00.000Z'],
    ['30', '2026-12-20T10:00:00.000Z'],
    ['365', '2027-11-20T10:00:00.000Z'],
    ['never', null],
  ] as const)('after %s is %s', (life, end) => expect(endOfLife(life, '2030-01-01', now)).toBe(end))

  it('on a day is the end of that day where one is, and nothing while there is none', () => {
    expect(endOfLife('day', '2030-01-01', now)).toBe(new Date(2030, 0, 1, 23, 59, 59).toISOString())
    expect(endOfLife('day', '', now)).toBe('')
  })

  it.each([
    ['2027-01-01T10:00:00Z', null],
    ['2026-11-27T10:00:00Z', null],
    ['2026-11-27T09:59:59Z', '6 days'],
    ['2026-11-21T12:00:00Z', '1 day'],
    ['2026-11-20T10:00:01Z', 'less than a day'],
    ['2026-11-20T10:00:00Z', 'expired'],
  ])('at %s is said as %s', (expiresAt, label) => expect(said('2026-09-20T10:00:00Z', expiresAt)).toBe(label))

  it('of one for a day is said in its last quarter only', () => {
    expect(said('2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z')).toBeNull()
    expect(said('2026-11-19T15:00:00Z', '2026-11-20T15:00:00Z')).toBe('less than a day')
  })
})

const line = (resource: string) =>
  curlLine({ token: 'gth_x', permissions: [{ context: 'http', resource, operation: 'read' }] }, 'https://host')

describe('the line for a shell', () => {
  it.each([
    ['/#', '/api/users'],
    ['/api/roles/#', '/api/roles'],
    ['/api/audit', '/api/audit'],
    ['/api/users/+', '/api/users/tags'],
    ['/api/users/+/password', '/api/authorities/built-in.pem'],
  ])('of a token for %s asks for %s', (resource, path) => {
    expect(line(resource)).toBe(`curl -H 'Authorization: Bearer gth_x' https://host${path}`)
  })
})
