import { expect, test } from 'vitest'
import { type Issued, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { leftOutWithoutLimits } from './without-limits.ts'

const root = makeAuthority({ subject: 'Root' })
const middle = issueAuthority(root, { subject: 'Middle' })
const below = issueAuthority(middle, { subject: 'Below' })
const other = makeAuthority({ subject: 'Other' })
const names = new Map([
  [root, 'root'],
  [middle, 'middle'],
  [below, 'below'],
  [other, 'other'],
])

async function leftOut(limited: Issued[], ...others: Issued[]): Promise<Record<string, string>> {
  return leftOutAmong(limited, others, [])
}

async function leftOutAmong(
  limited: Issued[],
  others: Issued[],
  byOperator: Issued[],
): Promise<Record<string, string>> {
  const all = [...limited, ...others]
  const found = await leftOutWithoutLimits(
    all.map((each, at) => ({
      fingerprint: each.fingerprint,
      der: each.der,
      isLimited: at < limited.length,
      limitedBy: byOperator.includes(each) ? 'operator' : null,
    })),
  )
  const nameOf = (fingerprint: string) => {
    const one = all.find((each) => each.fingerprint === fingerprint)
    return one && (names.get(one) ?? 'made')
  }
  return Object.fromEntries([...found].map(([fingerprint, reason]) => [nameOf(fingerprint), reason]))
}

test('leaves out nothing where no authority has a limit', async () => {
  expect(await leftOut([], root, middle, other)).toEqual({})
})

test('leaves out each authority above a limited one, and none below it', async () => {
  expect(await leftOut([middle], root, below, other)).toEqual({ middle: 'limited', root: 'above_limited' })
  expect(await leftOut([below], root, middle)).toEqual({
    below: 'limited',
    middle: 'above_limited',
    root: 'above_limited',
  })
})

test('leaves out an authority with the key of a limited one, and the authority above it', async () => {
  const crossSigned = issueAuthority(root, { subject: 'Other', privateKeyPem: other.privateKeyPem })
  expect(await leftOut([other], crossSigned, root)).toEqual({
    other: 'limited',
    made: 'limited',
    root: 'above_limited',
  })
})

test('keeps an authority that only has the name of an issuer', async () => {
  const namesake = makeAuthority({ subject: 'Root' })
  expect(await leftOut([namesake], root, middle)).toEqual({ made: 'limited' })
})

test('keeps an authority whose key a limited authority holds without a proof', async () => {
  const forged = issueAuthority(makeAuthority({ subject: 'Attacker' }), {
    subject: 'Root',
    privateKeyPem: root.privateKeyPem,
  })
  expect(await leftOut([forged], root, other)).toEqual({ made: 'limited' })
})

test('finds the issuer by a name that differs in case and spaces, as OpenSSL does', async () => {
  const spelled = makeAuthority({ subject: ' ROOT ', privateKeyPem: root.privateKeyPem })
  expect(await leftOut([middle], spelled)).toEqual({ middle: 'limited', made: 'above_limited' })
})

test('leaves out all authorities with the name of the issuer where the signature cannot be verified here', async () => {
  const unverifiable = issueAuthority(root, { subject: 'New', hash: 'sha3-256' })
  const namesake = makeAuthority({ subject: 'Root' })
  names.set(namesake, 'namesake')
  expect(await leftOut([unverifiable], root, namesake)).toEqual({
    made: 'limited',
    root: 'above_limited',
    namesake: 'above_limited',
  })
  names.delete(namesake)
})

test('keeps the authority above one that a person limited who may not decide about every user', async () => {
  expect(await leftOutAmong([middle], [root, below], [middle])).toEqual({ middle: 'limited' })
  const crossSigned = issueAuthority(root, { subject: 'Other', privateKeyPem: other.privateKeyPem })
  expect(await leftOutAmong([other], [crossSigned, root], [other])).toEqual({ other: 'limited' })
})

test('leaves out each authority above a limited one, also across one that such a person limited', async () => {
  expect(await leftOutAmong([below, middle], [root], [middle])).toEqual({
    below: 'limited',
    middle: 'limited',
    root: 'above_limited',
  })
})
