import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import { expect, test } from 'vitest'
import { fixFor, type Refused } from './refusal-fix.ts'

const userId = '01938a00-0000-7000-8000-000000000001'
const authority = 'a'.repeat(64)
const refused: Refused = {
  reason: null,
  username: 'device001',
  userId,
  clientId: 'device001',
  authority,
  at: '2026-11-22T10:00:00.000Z',
}

test.each<[RefusalReason, string, object]>([
  ['unknown_user', '/devices', { create: 'device001' }],
  ['unknown_authority', '/authorities', { upload: '' }],
  ['client_id_taken', '/broker/connections', { search: 'device001' }],
  ['crl_expired', '/revocations', {}],
  ['withdrawn', '/audit', { until: '2026-11-22T10:00:01.000Z' }],
])('%s is mended at %s', (reason, to, search) => {
  expect(fixFor({ ...refused, reason })?.link).toEqual({ to, search })
})

test.each<[string, Partial<Refused>]>([
  ['nothing to mend', {}],
  ['what only would be refused', { reason: 'withdrawn', at: null }],
  ['mended at the device', { reason: 'no_certificate' }],
  ['a user who is not there', { reason: 'wrong_credentials', userId: null }],
])('%s', (_what, changes) => expect(fixFor({ ...refused, ...changes })).toBeNull())

test('links a revoked certificate to its revocation, also to that of an intermediate', () => {
  const revocation = { issuerKey: 'b'.repeat(64), serialNumber: 'c0ffee' }
  const { link } = fixFor({ ...refused, reason: 'revoked', revocation }) ?? {}
  expect(link).toEqual({ to: '/revocations', search: revocation })
})

test.each<[RefusalReason, object]>([
  ['no_certificate_grant', { to: '/users/$id', params: { id: userId }, search: { edit: '' } }],
  ['subscribe_refused', { to: '/users/$id', params: { id: userId }, search: { edit: '' } }],
  ['authority_limit', { to: '/authorities/$fingerprint', params: { fingerprint: authority } }],
  ['authority_expired', { to: '/authorities/$fingerprint', params: { fingerprint: authority } }],
])('%s is mended on the page of what is wrong', (reason, link) => {
  expect(fixFor({ ...refused, reason })?.link).toEqual(link)
})
