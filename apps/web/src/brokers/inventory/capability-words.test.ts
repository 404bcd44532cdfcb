import type { StoredBroker } from '@gatehouse/contract/brokers/brokers'
import type { Capabilities } from '@gatehouse/contract/brokers/capabilities'
import { expect, test } from 'vitest'
import { capabilityLines, differenceWords } from './capability-words.ts'

const full: Capabilities = {
  mode: 'inline',
  evidence: 'chain',
  decidesCertificates: true,
  bothOnOnePort: true,
  certificateAndPassword: true,
  revokeOne: 'any',
  authorityLimits: true,
  trustAddMs: 0,
  trustRemoveMs: 0,
  end: ['user', 'client', 'authority'],
  endsWithinMs: 1_000,
  refusalReasons: true,
  partialSubAck: true,
  deliveryCheck: true,
  dropSession: true,
  mqtt5: true,
  cacheMs: 0,
  badNames: '',
}

const named = (name: string, capabilities: Partial<Capabilities>, reachable = true) =>
  ({ name, kind: 'mosquitto', capabilities: { ...full, ...capabilities }, state: { reachable } }) as StoredBroker

test('says of a broker that can do everything that each line is enforced fully', () => {
  expect(new Set(capabilityLines(full).map(({ level }) => level))).toEqual(new Set(['full']))
})

test('says what a broker that is slow, remembers decisions and sees names only does differently', () => {
  const lines = capabilityLines({ ...full, decidesCertificates: false, trustRemoveMs: 120_000, cacheMs: 5_000 })
  expect(lines.filter(({ level }) => level !== 'full').map(({ about }) => about)).toEqual([
    'Sign-in with a certificate',
    'CA added or deleted',
    'Memory of decisions',
  ])
})

test('names all brokers that cannot revoke a certificate of a foreign CA, and those that are away', () => {
  const brokers = [
    named('hall-1', {}),
    named('hall-2', { revokeOne: 'ownAuthorities' }),
    named('hall-3', { revokeOne: 'ownAuthorities' }, false),
  ]
  expect(differenceWords(brokers, ['revocation'])).toEqual([
    'On hall-2 and hall-3 a certificate of a foreign CA cannot be revoked. The user’s rights are taken instead, unless a CRL of that CA lists it.',
    'Not reachable: hall-3. The change takes effect there later.',
  ])
  expect(differenceWords(brokers.slice(0, 1), ['revocation', 'disable', 'both', 'limit'])).toEqual([])
})
