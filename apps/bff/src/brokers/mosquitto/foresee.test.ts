import type { Permission } from '@gatehouse/contract/access/permission'
import { toPem } from '@gatehouse/pki/read/certificate'
import { issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { describe, expect, it } from 'vitest'
import { makeDecisionUser } from '../../../test/decision-facts.ts'
import type { DecisionUser } from '../../access/decision/facts.ts'
import type { TrustChange } from '../../certificates/trust/changes.ts'
import { compileClient } from './desired-state.ts'
import { foreseeEnding, type Sight } from './foresee.ts'
import { passwordTagOf } from './password-tag.ts'
import type { TrustedCa } from './trust-state.ts'

const rights = (...resources: string[]): Permission[] =>
  resources.map((resource) => ({ context: 'mqtt', resource, operation: 'readWrite' }))

function user(username: string, permissions: Permission[]): DecisionUser {
  const grants = [{ method: 'certificate' as const, isRequired: false }]
  return makeDecisionUser({ id: username, username, grants, mqttPermissions: permissions, permissions })
}

const plant = makeAuthority({ subject: 'Plant' })
const other = makeAuthority({ subject: 'Other plant' })

function trusted({ fingerprint, der, certificatePem }: typeof plant, name: string, isLimited = false): TrustedCa {
  const subject = `CN=${name}`
  const keyFingerprint = `key of ${name}`
  return {
    fingerprint,
    name,
    pem: certificatePem,
    der,
    subject,
    issuer: subject,
    selfSigned: true,
    keyFingerprint,
    isLimited,
    limitedBy: null,
  }
}

const authorities = [trusted(plant, 'Plant'), trusted(other, 'Other', true)]
const empty = makeRevocationList(plant)
const crls = [{ issuerKey: 'key of Plant', pem: toPem('X509 CRL', empty), nextUpdate: null }]

function sightWith(own: Partial<Awaited<ReturnType<Sight['readTrust']>>> | null = {}): Sight {
  const known = new Map([
    ['press-7', user('press-7', rights('line-3/#'))],
    ['idle', user('idle', [])],
  ])
  const accepts = { certificate: true, password: true, passwordOnly: false }
  return {
    findUsersById: async (ids) =>
      new Map(ids.flatMap((id) => (known.has(id) ? [[id, known.get(id) as DecisionUser]] : []))),
    compile: (each) => compileClient(each, { accepts, revokedNames: new Set(), tagOf: passwordTagOf }),
    readTrust: async () => own && { authorities, crls, usesCrls: true, at: new Date(), ownKey: null, ...own },
  }
}

describe('a change of users ends the connections', () => {
  const [press, idle] = ['press-7', 'idle']
  it.each([
    ['of a user who is deleted', [{ userId: press, facts: null }], [press]],
    [
      'of a user who is disabled',
      [{ userId: press, facts: { ...user(press, rights('line-3/#')), disabledAt: 'now' } }],
      [press],
    ],
    ['of a user who loses a topic', [{ userId: press, facts: user(press, rights('line-4/#')) }], [press]],
    ['of nobody if a topic is added', [{ userId: press, facts: user(press, rights('line-3/#', 'line-4/#')) }], []],
    [
      'of nobody if the users had no rights there',
      [
        { userId: idle, facts: null },
        { userId: 'unknown', facts: null },
      ],
      [],
    ],
  ])('%s', async (_says, users, usernames) => {
    const ending = await foreseeEnding(sightWith(), { users })
    expect(ending).toEqual(usernames.length === 0 ? { ends: 'nothing' } : { ends: 'concerned', usernames })
  })
})

const deletion = (of: typeof plant): TrustChange => ({ authority: of.fingerprint, change: { delete: true } })
const limit = (of: typeof plant, ...usernames: string[]): TrustChange => ({
  authority: of.fingerprint,
  change: { usernames, limitedBy: null },
})
const revoke = (issuerKey: string): TrustChange => ({ revoke: { issuerKey, serialNumber: 'c0ffee' } })
const upload = (issuerKey: string, der: Uint8Array): TrustChange => ({
  list: { issuerKey, scope: '', der, signer: null },
})

describe('a change of trust ends', () => {
  const revoking = makeRevocationList(plant, { entries: [1n] })
  it.each<[string, TrustChange, string | null, object]>([
    ['all connections if a CA is deleted', deletion(plant), null, { ends: 'all' }],
    ['all connections if a CA gets a limit, which Mosquitto cannot enforce', limit(plant, 'a'), null, { ends: 'all' }],
    ['nothing if a limited CA is deleted', deletion(other), null, { ends: 'nothing' }],
    ['nothing if a limit is taken away', limit(other), null, { ends: 'nothing' }],
    [
      'the user of a revoked certificate',
      revoke('key of Plant'),
      'press-7',
      { ends: 'concerned', usernames: ['press-7'] },
    ],
    ['nothing for a certificate of an unknown CA', revoke('key of nobody'), 'press-7', { ends: 'nothing' }],
    ['nothing for a foreign certificate without a name', revoke('key of Plant'), null, { ends: 'nothing' }],
    ['all connections if a CRL revokes more', upload('key of Plant', revoking), null, { ends: 'all' }],
    ['nothing if a CRL is renewed', upload('key of Plant', empty), null, { ends: 'nothing' }],
  ])('%s', async (_says, trust, username, ending) => {
    expect(await foreseeEnding(sightWith(), { trust, username })).toEqual(ending)
  })

  it('all connections if a certificate of the built-in authority is revoked without its name', async () => {
    const own = { ownKey: 'key of Plant' }
    expect(await foreseeEnding(sightWith(own), { trust: revoke('key of Plant'), username: null })).toEqual({
      ends: 'all',
    })
  })

  it.each([
    ['all connections if an administrator decides about a limit of another person, below a root', null, 'all'],
    ['nothing if the limit stays that of the other person', 'operator', 'nothing'],
  ])('%s', async (_says, limitedBy, ends) => {
    const line = issueAuthority(plant, { subject: 'Line 3' })
    const below = { ...trusted(line, 'Line 3', true), limitedBy: 'operator' }
    const trust = { authority: line.fingerprint, change: { usernames: ['press-*'], limitedBy } }
    const own = { authorities: [trusted(plant, 'Plant'), below] }
    expect(await foreseeEnding(sightWith(own), { trust, username: null })).toMatchObject({ ends })
  })

  it('nothing where CAs are not written', async () => {
    expect(await foreseeEnding(sightWith(null), { trust: deletion(plant), username: null })).toEqual({
      ends: 'nothing',
    })
  })
})
