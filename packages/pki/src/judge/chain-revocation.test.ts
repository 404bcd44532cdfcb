import { describe, expect, test } from 'vitest'
import { fingerprintOf, readFields } from '../read/certificate-fields.ts'
import { parseCertificateOrNull } from '../read/parsed-certificate.ts'
import { openRevocationList } from '../read/revocation-list.ts'
import { serialNumberBytes, serialNumberOf } from '../read/serial-number.ts'
import { type Issued, issue, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { at, future, judge, outcome, past, storeOf } from '../testing/chain.ts'
import { type ListRecipe, makeRevocationList } from '../testing/revocation.ts'
import { type ChainVerdict, judgeChain, renewVerdict } from './chain.ts'
import { type InstalledCrl, makeRevocations, nothingRevoked, type Revocations, SerialNumberSet } from './revocations.ts'

const root = makeAuthority({ subject: 'Root' })
const middle = issueAuthority(root, { subject: 'Middle' })
const other = makeAuthority({ subject: 'Other' })
const device = issue(middle, { subject: 'device001' })

const keyOf = ({ der }: Issued) => fingerprintOf(readFields(der).spki)
const numberOf = ({ der }: Issued) => Buffer.from(readFields(der).serialNumber, 'hex')

const named = (certificate: Issued, by: Issued) => ({
  issuerKey: keyOf(by),
  serialNumber: serialNumberOf(numberOf(certificate).toString('hex')),
})

/** Revokes each certificate under the key of the issuer beside it. */
function revoked(...pairs: [Issued, by: Issued][]): Revocations {
  const byKey = new Map<string, SerialNumberSet>()
  for (const [certificate, by] of pairs) {
    const numbers = byKey.get(keyOf(by)) ?? new SerialNumberSet()
    numbers.add(numberOf(certificate))
    byKey.set(keyOf(by), numbers)
  }
  return makeRevocations({ revoked: byKey, lists: [], whenExpired: 'refuse' })
}

async function heldList(authority: Issued, recipe: ListRecipe & { of?: Issued[] } = {}): Promise<InstalledCrl> {
  const entries = (recipe.of ?? []).map((certificate) => ({ serialNumber: numberOf(certificate) }))
  const list = await openRevocationList(makeRevocationList(authority, { ...recipe, entries }))
  return { ...list, issuerKey: keyOf(authority), signer: parseCertificateOrNull(authority.der) }
}

const revocationOf = (presented: Issued[], anchors: Issued[], pair: [Issued, by: Issued]) =>
  judge(presented, anchors, revoked(pair))

const withLists = (lists: InstalledCrl[], whenExpired: 'accept' | 'refuse' = 'refuse') =>
  makeRevocations({ revoked: new Map(), lists, whenExpired })

const validUntil = (verdict: ChainVerdict) => verdict.trusted && verdict.validUntil

describe('a revocation', () => {
  test("refuses the certificate that is named by its issuer's key", () => {
    expect(outcome([device, middle], [root], revoked([device, middle]))).toBe('revoked CN=device001')
  })

  test('refuses every certificate below a revoked intermediate', () => {
    expect(outcome([device, middle], [root], revoked([middle, root]))).toBe('revoked CN=Middle')
  })

  test('is reported with key and number, for any certificate of the path', () => {
    expect(revocationOf([device, middle], [root], [device, middle])).toMatchObject({
      revocation: named(device, middle),
    })
    expect(revocationOf([device, middle], [root], [middle, root])).toMatchObject({ revocation: named(middle, root) })
    expect(revocationOf([device], [middle, root], [middle, root])).toMatchObject({ revocation: named(middle, root) })
    expect(judge([device, middle], [other])).not.toHaveProperty('revocation')
  })

  test('leaves other certificates alone, also those of another authority with the same number', () => {
    const neighbour = issue(middle, { subject: 'device002' })
    expect(outcome([neighbour, middle], [root], revoked([device, middle]))).toBe('ok')
    expect(outcome([device, middle], [root], revoked([device, root], [device, other]))).toBe('ok')
  })

  test('refuses the certificate also below a cross-signed copy of its authority', () => {
    const copy = issueAuthority(other, { subject: 'Middle', privateKeyPem: middle.privateKeyPem })
    expect(outcome([device, copy], [other], revoked([device, middle]))).toBe('revoked CN=device001')
    expect(outcome([device, middle, copy], [root, other], revoked([device, middle]))).toBe('revoked CN=device001')
  })

  test('refuses one path and not another path', () => {
    const copy = issueAuthority(other, { subject: 'Middle', privateKeyPem: middle.privateKeyPem })
    expect(outcome([device, middle, copy], [root, other], revoked([middle, root]))).toBe('ok')
  })

  test('refuses an anchor that a trusted authority above it revoked', () => {
    expect(outcome([device], [middle], revoked([middle, root]))).toBe('ok')
    expect(outcome([device], [middle, root], revoked([middle, root]))).toBe('revoked CN=Middle')
    const namesake = makeAuthority({ subject: 'Root' })
    expect(outcome([device], [middle, namesake], revoked([middle, namesake]))).toBe('ok')
  })

  test('refuses a root that revoked itself', () => {
    expect(outcome([device, middle], [root], revoked([root, root]))).toBe('revoked CN=Root')
  })

  test('matches the stored number without the leading zero byte of the certificate', () => {
    const padded = issue(root, { serialNumber: 0xc3n })
    const numbers = new SerialNumberSet()
    numbers.add(serialNumberBytes('c3'))
    const revocations = makeRevocations({
      revoked: new Map([[keyOf(root), numbers]]),
      lists: [],
      whenExpired: 'accept',
    })
    expect(readFields(padded.der).serialNumber).toBe('00c3')
    expect(outcome([padded], [root], revocations)).toBe('revoked CN=alice')
  })

  test('is reported after more fundamental faults', () => {
    const expired = issue(root, { notAfter: past })
    expect(outcome([expired], [root], revoked([expired, root]))).toBe('expired CN=alice')
    const stranger = issue(other)
    expect(outcome([stranger], [root], revoked([stranger, other]))).toBe('unknown_authority CN=alice')
  })
})

describe('CRLs', () => {
  test('revoke every certificate on the path', async () => {
    expect(outcome([device, middle], [root], withLists([await heldList(middle, { of: [device] })]))).toBe(
      'revoked CN=device001',
    )
    expect(outcome([device, middle], [root], withLists([await heldList(root, { of: [middle] })]))).toBe(
      'revoked CN=Middle',
    )
  })

  test('of one authority are combined', async () => {
    const lists = [await heldList(middle), await heldList(middle, { of: [device] })]
    expect(outcome([device, middle], [root], withLists(lists))).toBe('revoked CN=device001')
  })

  test('that are out of date make the judge refuse or accept, as the policy says', async () => {
    const lists = [await heldList(middle, { nextUpdate: past })]
    expect(outcome([device, middle], [root], withLists(lists, 'refuse'))).toBe('crl_expired CN=device001')
    expect(outcome([device, middle], [root], withLists(lists, 'accept'))).toBe('ok')
  })

  test('still revoke when they are out of date', async () => {
    const lists = [await heldList(middle, { nextUpdate: past, of: [device] })]
    expect(outcome([device, middle], [root], withLists(lists, 'accept'))).toBe('revoked CN=device001')
  })

  test('concern only certificates that their authority signed', async () => {
    expect(outcome([device, middle], [root], withLists([await heldList(other, { nextUpdate: past })]))).toBe('ok')
    expect(outcome([device], [middle], withLists([await heldList(root, { nextUpdate: past })]))).toBe('ok')
  })

  test('end the verdict at their next update', async () => {
    const lists = [await heldList(middle, { nextUpdate: future }), await heldList(root, { nextUpdate: null })]
    expect(validUntil(judge([device, middle], [root], withLists(lists)))).toEqual(future)
    expect(validUntil(judge([device, middle], [root], withLists(lists, 'accept')))).toEqual(
      validUntil(judge([device, middle], [root])),
    )
    expect(outcome([device, middle], [root], withLists([await heldList(middle, { nextUpdate: at })]))).toBe('ok')
  })
})

describe('an earlier verdict', () => {
  const trustStore = storeOf([root])
  const verdict = judgeChain({ presented: [device.der, middle.der], trustStore, revocations: nothingRevoked, at })
  if (!verdict.trusted) throw new Error(verdict.reason)
  const renew = (revocations: Revocations, anchors = trustStore) =>
    renewVerdict(verdict, { trustStore: anchors, revocations }, at)

  test('is renewed if nothing on its path was revoked', () => {
    expect(renew(revoked([issue(middle), middle]))).toEqual(verdict)
  })

  test.each([
    ['the certificate', [device, middle]],
    ['the intermediate', [middle, root]],
    ['the anchor', [root, root]],
  ] as [string, [Issued, Issued]][])('does not where %s was', (_, pair) => {
    expect(renew(revoked(pair))).toBeNull()
  })

  test('is not renewed under a trust store without its anchor', () => {
    expect(renew(nothingRevoked, storeOf([other]))).toBeNull()
  })

  test('is renewed with the next update of a CRL, and not after it', async () => {
    expect(renew(withLists([await heldList(middle, { nextUpdate: future })]))?.validUntil).toEqual(future)
    expect(renew(withLists([await heldList(middle, { nextUpdate: past })]))).toBeNull()
  })
})

describe('serial numbers 255 and -1, which differ by a zero byte', () => {
  const authority = makeAuthority({ subject: 'Numbers' })
  const at255 = issue(authority, { serialNumber: Buffer.from([0x00, 0xff]) })
  const minus1 = issue(authority, { serialNumber: Buffer.from([0xff]) })
  const outcomes = (revocations: Revocations) =>
    [at255, minus1].map((certificate) => outcome([certificate], [authority], revocations))
  const listing = async (of: Issued) =>
    makeRevocations({ revoked: new Map(), lists: [await heldList(authority, { of: [of] })], whenExpired: 'accept' })

  test('are distinguished by a CRL', async () => {
    expect(outcomes(await listing(at255))).toEqual(['revoked CN=alice', 'ok'])
    expect(outcomes(await listing(minus1))).toEqual(['ok', 'revoked CN=alice'])
  })

  test('are distinguished if the negative one is revoked in Gatehouse', () => {
    expect(outcomes(revoked([minus1, authority]))).toEqual(['ok', 'revoked CN=alice'])
  })

  test('are both revoked if the positive one is revoked in Gatehouse, because a person may have meant either', () => {
    expect(outcomes(revoked([at255, authority]))).toEqual(['revoked CN=alice', 'revoked CN=alice'])
  })

  test('are reported with their sign in a refusal', () => {
    expect(judge([minus1], [authority], revoked([minus1, authority]))).toMatchObject({
      revocation: { issuerKey: keyOf(authority), serialNumber: '-01' },
    })
  })
})
