/** The tree of issuers in the trust store: decided by signatures, bounded, without circles. */
import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { AuthorityChain } from '@gatehouse/contract/certificates/authority-chain'
import { type Issued, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.stop())

async function trust(...made: Issued[]): Promise<void> {
  const certificates = made.map(({ certificatePem }) => certificatePem).join('')
  await (await app.as('admin'))(authorities.create, { body: { certificates } })
}

async function chainOf({ fingerprint }: Issued): Promise<AuthorityChain> {
  return (await app.as('admin'))(authorities.chain, { params: { fingerprint } })
}

const drawn = ({ nodes }: AuthorityChain) => nodes.map(({ name, level }) => `${level} ${name}`)

it('shows the path to the root and all authorities below, each under its signer', async () => {
  const root = makeAuthority({ subject: 'Root' })
  const impostor = makeAuthority({ subject: 'Root' })
  const [east, west] = ['East', 'West'].map((subject) => issueAuthority(root, { subject })) as [Issued, Issued]
  const [line1, line2] = ['Line 1', 'Line 2'].map((subject) => issueAuthority(east, { subject })) as [Issued, Issued]
  const stranger = issueAuthority(impostor, { subject: 'Stranger' })
  await trust(root, impostor, east, west, line1, line2, stranger)
  expect(drawn(await chainOf(root))).toEqual(['0 Root', '1 East', '2 Line 1', '2 Line 2', '1 West'])
  expect(drawn(await chainOf(east))).toEqual(['-1 Root', '0 East', '1 Line 1', '1 Line 2'])
  const ofLine = await chainOf(line1)
  expect(drawn(ofLine)).toEqual(['-2 Root', '-1 East', '0 Line 1'])
  expect(ofLine).toMatchObject({ unknownIssuer: null, isCut: false })
  expect(ofLine.nodes[0]?.fingerprint).toBe(root.fingerprint)
  expect(drawn(await chainOf(stranger))).toEqual(['-1 Root', '0 Stranger'])
})

it('shows an issuer that is not in the trust store by name only, and links no other authority of that name', async () => {
  const missing = makeAuthority({ subject: 'Missing root' })
  const lonely = issueAuthority(missing, { subject: 'Lonely' })
  await trust(lonely, makeAuthority({ subject: 'Missing root' }))
  expect(await chainOf(lonely)).toMatchObject({
    unknownIssuer: 'CN=Missing root',
    nodes: [{ name: 'Lonely', level: 0 }],
  })
})

it('stops if two have signed one another, and at the maximum number', async () => {
  const [a, b] = [makeAuthority({ subject: 'A' }), makeAuthority({ subject: 'B' })]
  const aByB = issueAuthority(b, { subject: 'A', privateKeyPem: a.privateKeyPem })
  const bByA = issueAuthority(a, { subject: 'B', privateKeyPem: b.privateKeyPem })
  await trust(aByB, bByA)
  expect(drawn(await chainOf(aByB))).toEqual(['-1 B', '0 A'])
  const large = makeAuthority({ subject: 'Large' })
  const { privateKeyPem } = large
  await trust(
    large,
    ...Array.from({ length: 60 }, (_, n) => issueAuthority(large, { subject: `Below ${n}`, privateKeyPem })),
  )
  const chain = await chainOf(large)
  expect(chain.isCut).toBe(true)
  expect(chain.nodes).toHaveLength(51)
})

it('is not found for an unknown authority', async () => {
  const params = { fingerprint: '0'.repeat(64) }
  const admin = await app.as('admin')
  await refused(admin(authorities.chain, { params }), 'not_found')
  await refused(admin(authorities.downloadDer, { params }), 'not_found')
  await refused((await app.as('nobody'))(authorities.chain, { params }), 'not_permitted')
})
