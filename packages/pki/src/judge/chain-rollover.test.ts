/**
 * The CRL of one key of an authority applies to certificates that another key of the same authority signed (RFC 5280
 * §6.3.3), and to no others.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toPem } from '../read/certificate.ts'
import { fingerprintOf, readFields } from '../read/certificate-fields.ts'
import { parseCertificateOrNull } from '../read/parsed-certificate.ts'
import { openRevocationList } from '../read/revocation-list.ts'
import { type Issued, issue, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { type Anchors, at, future, judge, outcome, past, storeOf } from '../testing/chain.ts'
import { type ListRecipe, makeRevocationList } from '../testing/revocation.ts'
import { judgeChain, renewVerdict } from './chain.ts'
import { type InstalledCrl, makeRevocations, nothingRevoked } from './revocations.ts'

const root = makeAuthority({ subject: 'Root' })
const oldCa = issueAuthority(root, { subject: 'Plant' })
const newCa = issueAuthority(root, { subject: 'Plant' })
const oldWithNew = issueAuthority(newCa, { subject: 'Plant', privateKeyPem: oldCa.privateKeyPem })
const newWithOld = issueAuthority(oldCa, { subject: 'Plant', privateKeyPem: newCa.privateKeyPem })
const device = issue(oldCa, { subject: 'device001' })

const keyOf = ({ der }: Issued) => fingerprintOf(readFields(der).spki)
const numberOf = ({ der }: Issued) => ({ serialNumber: Buffer.from(readFields(der).serialNumber, 'hex') })
const listDer = (signer: Issued, recipe: ListRecipe = {}) =>
  makeRevocationList(signer, { entries: [numberOf(device)], ...recipe })

interface HeldRecipe extends ListRecipe {
  /** Its authority is limited to some usernames. */
  isLimited?: boolean
}

async function held(signer: Issued, { isLimited = false, ...recipe }: HeldRecipe = {}): Promise<InstalledCrl> {
  const { issuerName, nextUpdate, revoked } = await openRevocationList(listDer(signer, recipe))
  const certificate = isLimited ? null : parseCertificateOrNull(signer.der)
  return { issuerKey: keyOf(signer), issuerName, nextUpdate, revoked, signer: certificate }
}

const withLists = (lists: InstalledCrl[], whenExpired: 'accept' | 'refuse' = 'refuse') =>
  makeRevocations({ revoked: new Map(), lists, whenExpired })

const stranger = makeAuthority({ subject: 'Plant' })
const selfSignedOld = makeAuthority({ subject: 'Plant', privateKeyPem: oldCa.privateKeyPem })
const otherName = issueAuthority(root, { subject: 'Other' })

interface Case {
  presented: Issued[]
  anchors: Issued[]
  signer: Issued
}

const counting: Record<string, Case> = {
  'the new key signed the old one': { presented: [device, oldWithNew, newCa], anchors: [root], signer: newCa },
  'the new key signed the old one, which is trusted too': {
    presented: [device],
    anchors: [root, newCa, oldWithNew],
    signer: newCa,
  },
  'the old key signed the new one': { presented: [device], anchors: [selfSignedOld], signer: newWithOld },
  'a root signed both keys': { presented: [device, oldCa], anchors: [root], signer: newCa },
  'a root signed both keys, which are trusted too': {
    presented: [device],
    anchors: [root, oldCa, newCa],
    signer: newCa,
  },
}

const notCounting: Record<string, Case> = {
  'the signer only has the same name': { presented: [device, oldCa], anchors: [root, stranger], signer: stranger },
  'the signer has another name': { presented: [device, oldCa], anchors: [root], signer: otherName },
  'nothing above the two keys is trusted': { presented: [device], anchors: [oldCa, newCa], signer: newCa },
}

describe('the CRL of another key', () => {
  test.each(Object.entries(counting))('revokes where %s', async (_, { presented, anchors, signer }) => {
    const lists = withLists([await held(signer)])
    expect(outcome(presented, anchors, lists)).toBe('revoked CN=device001')
    expect(judge(presented, anchors, lists)).toMatchObject({ revocation: { issuerKey: keyOf(signer) } })
  })

  test.each(Object.entries(notCounting))('revokes nothing where %s', async (_, { presented, anchors, signer }) => {
    expect(outcome(presented, anchors, withLists([await held(signer)]))).toBe('ok')
  })

  test('revokes nothing if the signature on the new key is weak', async () => {
    const rsa = makeAuthority({ subject: 'Plant', key: 'rsa-2048' })
    const own = issue(rsa, { subject: 'device003' })
    const listBy = (signer: Issued) => held(signer, { entries: [numberOf(own)] })
    const [weak, strong] = (['sha1', 'sha256'] as const).map((hash) => issueAuthority(rsa, { subject: 'Plant', hash }))
    if (!weak || !strong) throw new Error('not made')
    expect(outcome([own], [rsa], withLists([await listBy(weak)]))).toBe('ok')
    expect(outcome([own], [rsa], withLists([await listBy(strong)]))).toBe('revoked CN=device003')
  })

  test.each(Object.entries(counting))('revokes no certificate that it does not name, where %s', async (_, found) => {
    const neighbour = issue(oldCa, { subject: 'device002' })
    const presented = [neighbour, ...found.presented.slice(1)]
    expect(outcome(presented, found.anchors, withLists([await held(found.signer)]))).toBe('ok')
  })

  test('revokes nothing if its authority has a username limit, unless the path has that limit too', async () => {
    const lists = withLists([await held(newCa, { isLimited: true })])
    expect(outcome([device, oldCa], [root], lists)).toBe('ok')
    expect(outcome([device], [root, newCa, oldWithNew], lists)).toBe('ok')
    expect(outcome([device, oldWithNew, newCa], [root], lists)).toBe('revoked CN=device001')
  })

  test('revokes an intermediate that is installed as an authority', async () => {
    const below = issueAuthority(oldCa, { subject: 'Line' })
    const anchors: Anchors = [root, oldCa, below]
    const lists = withLists([await held(newCa, { entries: [numberOf(below)] })])
    expect(outcome([issue(below)], anchors, lists)).toBe('revoked CN=Line')
  })

  test('refuses clients once it is out of date, if the policy says so', async () => {
    const recipe = { entries: [], thisUpdate: new Date('2026-01-01'), nextUpdate: past }
    const list = await held(newCa, recipe)
    expect(outcome([device, oldCa], [root], withLists([list]))).toBe('crl_expired CN=device001')
    expect(outcome([device, oldCa], [root], withLists([list], 'accept'))).toBe('ok')
    const current = withLists([{ ...list, nextUpdate: future }])
    expect(judge([device, oldCa], [root], current)).toMatchObject({ trusted: true, validUntil: future })
  })

  test('ends an earlier verdict', async () => {
    const trustStore = storeOf([root])
    const presented = [device, oldCa].map(({ der }) => der)
    const verdict = judgeChain({ presented, trustStore, revocations: nothingRevoked, at })
    expect(verdict.trusted).toBe(true)
    if (!verdict.trusted) return
    const revocations = withLists([await held(newCa)])
    expect(renewVerdict(verdict, { trustStore, revocations }, at)).toBeNull()
    expect(judgeChain({ presented, trustStore, revocations, at })).toMatchObject({ reason: 'revoked' })
  })
})

const pems = (issued: readonly Issued[]) => issued.map(({ certificatePem }) => certificatePem).join('')

describe('the decision of openssl', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-rollover-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  // With the root as the only authority: openssl tries one of several trusted ones.
  test.each([
    ['revoked', [device, oldWithNew, newCa], newCa],
    ['revoked', [device, oldCa, newCa], newCa],
    ['revoked', [device, oldCa, newWithOld], newWithOld],
    ['ok', [issue(oldCa, { subject: 'device002' }), oldCa, newCa], newCa],
  ] as const)('is the same: %s', async (expected, presented, signer) => {
    writeFileSync(join(folder, 'leaf.pem'), presented[0].certificatePem)
    writeFileSync(join(folder, 'untrusted.pem'), pems(presented.slice(1)))
    writeFileSync(join(folder, 'root.pem'), root.certificatePem)
    writeFileSync(join(folder, 'list.pem'), toPem('X509 CRL', listDer(signer)))
    const options = ['-crl_check', '-extended_crl', '-attime', String(at.getTime() / 1000), '-CRLfile', 'list.pem']
    const files = ['-CAfile', 'root.pem', '-untrusted', 'untrusted.pem', 'leaf.pem']
    const { status, stderr } = spawnSync('openssl', ['verify', ...options, ...files], { cwd: folder, encoding: 'utf8' })
    expect([status === 0 ? 'ok' : 'refused', stderr.includes('certificate revoked')]).toEqual(
      expected === 'ok' ? ['ok', false] : ['refused', true],
    )
    const ours = outcome(presented, [root], withLists([await held(signer)]))
    expect(ours.split(' ')[0]).toBe(expected)
  })
})
