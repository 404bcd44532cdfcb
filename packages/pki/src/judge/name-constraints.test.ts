import { describe, expect, test } from 'vitest'
import { judgeAuthority } from '../read/authority.ts'
import { readBundle } from '../read/certificate.ts'
import { issue, issueAuthority, makeAuthority, type Recipe } from '../testing/certificates.ts'
import { at, outcome } from '../testing/chain.ts'
import { writeElement, writeInteger, writeSequence } from '../testing/der-writer.ts'
import { alternativeNames, nameConstraints, writeGeneralName } from '../testing/names.ts'
import { costMs } from '../testing/time.ts'

type Constraints = Parameters<typeof nameConstraints>[0]

/** Returns the outcome for a device directly under an anchor with these constraints. */
function under(constraints: Constraints, commonName: string, ...names: string[]): string {
  const anchor = makeAuthority({ subject: 'Anchor', extraExtensions: [nameConstraints(constraints)] })
  const extraExtensions = names.length === 0 ? [] : [alternativeNames(...names)]
  return outcome([issue(anchor, { subject: commonName, extraExtensions })], [anchor])
}

const outside = (commonName: string) => `name_constraints CN=${commonName}`

describe('a Common Name under constraints', () => {
  const dns: Constraints = { permitted: ['DNS:plant.example'] }
  const email: Constraints = { permitted: ['email:plant.example'] }
  const ip: Constraints = { excluded: ['IP:10.0.0.0/255.0.0.0', 'IP:2001:db8::/ffff:ffff::'] }
  test.each<[string, Constraints, string, string]>([
    ['accepts a DNS name that is permitted', dns, 'pump.plant.example', 'ok'],
    ['accepts a permitted DNS name in capitals', dns, 'PUMP.Plant.Example', 'ok'],
    ['refuses a DNS name that is not permitted', dns, 'pump.other.example', outside('pump.other.example')],
    ['refuses a DNS name with the same ending', dns, 'notplant.example', outside('notplant.example')],
    ['refuses a DNS name with a final dot', dns, 'pump.other.example.', outside('pump.other.example.')],
    ['accepts a single label, which is not a DNS name', dns, 'pump-1', 'ok'],
    ['accepts an e-mail address that is permitted', email, 'alice@plant.example', 'ok'],
    ['refuses an e-mail address that is not permitted', email, 'alice@other.example', outside('alice@other.example')],
    ['refuses an e-mail address without a host', email, 'alice@', outside('alice@')],
    ['refuses an IPv4 address that is excluded', ip, '10.1.2.3', outside('10.1.2.3')],
    ['accepts another IPv4 address', ip, '192.168.2.3', 'ok'],
    ['refuses an IPv6 address that is excluded', ip, '2001:DB8:0::1', outside('2001:DB8:0::1')],
    ['accepts another IPv6 address', ip, '2001:db9::1', 'ok'],
    ['refuses an excluded address with IPv4 at its end', ip, '2001:db8::10.0.0.1', outside('2001:db8::10.0.0.1')],
  ])('%s', (_, constraints, commonName, expected) => {
    expect(under(constraints, commonName)).toBe(expected)
  })

  test('is read as a DNS name although the alternative names have DNS names', () => {
    expect(under(dns, 'pump.other.example', 'DNS:pump.plant.example')).toBe(outside('pump.other.example'))
  })

  test('of an intermediate is not read as a DNS name', () => {
    const anchor = makeAuthority({ subject: 'Anchor', extraExtensions: [nameConstraints(dns)] })
    const middle = issueAuthority(anchor, { subject: 'ca.other.example' })
    expect(outcome([issue(middle), middle], [anchor])).toBe('ok')
  })
})

describe('a name that cannot be compared', () => {
  test.each<[string, Constraints, string]>([
    ['a URI without a host', { excluded: ['URI:other.example'] }, 'URI:urn:dev:mac:0024befffe804ff1'],
    ['a URI with an address for its host', { permitted: ['URI:.example'] }, 'URI:https://10.0.0.1/'],
    ['a URI with an IPv6 address for its host', { excluded: ['URI:other.example'] }, 'URI:https://[2001:db8::1]/'],
    ['an e-mail address without @', { excluded: ['email:other.example'] }, 'email:alice'],
    ['a DNS name with a NUL', { excluded: ['DNS:other.example'] }, 'DNS:a.other.example\0'],
    ['an international mailbox', { excluded: ['email:other.example'] }, 'other:1.3.6.1.5.5.7.8.9'],
    ['an otherName of the constrained type', { permitted: ['other:1.2.3'] }, 'other:1.2.3'],
    ['a registered ID', { excluded: ['RID:1.2.4'] }, 'RID:1.2.3'],
  ])('is refused: %s', (_, constraints, name) => {
    expect(under(constraints, 'alice', name)).toBe(outside('alice'))
    // Constraints of another form do not refuse it.
    expect(under({ permitted: ['dirName:CN=alice'] }, 'alice', name)).toBe('ok')
  })

  test('compares a URI by its host and ignores the part before the @', () => {
    const constraints = { permitted: ['URI:plant.example'] }
    expect(under(constraints, 'alice', 'URI:https://plant.example@other.example/')).toBe(outside('alice'))
    expect(under(constraints, 'alice', 'URI:https://plant.example:x@other.example/')).toBe(outside('alice'))
    expect(under(constraints, 'alice', String.raw`URI:https://other.example\@plant.example/`)).toBe(outside('alice'))
    expect(under(constraints, 'alice', 'URI:https://user@plant.example/')).toBe('ok')
  })

  test('refuses malformed alternative names only under constraints', () => {
    const malformed: Recipe = {
      extraExtensions: [{ oid: '2.5.29.17', critical: false, value: Buffer.from('rubbish') }],
    }
    const anchor = makeAuthority({
      subject: 'Anchor',
      extraExtensions: [nameConstraints({ excluded: ['DNS:x.example'] })],
    })
    const free = makeAuthority()
    expect(outcome([issue(anchor, malformed)], [anchor])).toBe(outside('alice'))
    expect(outcome([issue(free, malformed)], [free])).toBe('ok')
  })
})

/** Name constraints that permit one subtree, made of these parts. */
function subtree(...parts: Uint8Array[]): Uint8Array {
  return writeSequence(writeElement(0xa0, writeSequence(...parts)))
}

describe('unreadable constraints', () => {
  const plant = writeGeneralName('DNS:plant.example')
  test.each<[string, Uint8Array]>([
    ['nothing permitted and nothing excluded', writeSequence()],
    ['an empty list of permitted names', writeSequence(writeElement(0xa0))],
    ['a minimum', subtree(plant, writeElement(0x80, Buffer.from([1])))],
    ['a maximum', subtree(plant, writeElement(0x81, Buffer.from([1])))],
    ['excluded before permitted', writeSequence(writeElement(0xa1), writeElement(0xa0))],
    ['permitted twice', writeSequence(writeElement(0xa0), writeElement(0xa0))],
    ['another part', writeSequence(writeElement(0xa2))],
    ['a wildcard', subtree(writeGeneralName('DNS:*.plant.example'))],
    ['a URI instead of its host', subtree(writeGeneralName('URI:https://plant.example'))],
    ['an e-mail address without a host', subtree(writeGeneralName('email:alice@'))],
    ['a mask with gaps', subtree(writeGeneralName('IP:10.0.0.0/255.0.255.0'))],
    ['an address without a mask', subtree(writeGeneralName('IP:10.0.0.0'))],
    ['a number', writeInteger(1)],
  ])('%s: the judge refuses clients, and the upload refuses the authority', async (_, value) => {
    const extraExtensions = [{ oid: '2.5.29.30', critical: true, value }]
    const anchor = makeAuthority({ subject: 'Anchor', extraExtensions })
    expect(outcome([issue(anchor)], [anchor])).toBe('name_constraints CN=Anchor')
    const [info] = await readBundle(anchor.der)
    expect(info && judgeAuthority(info, at).problems).toEqual(['name_constraints'])
  })

  test('accepts an explicit minimum of zero', () => {
    const value = subtree(plant, writeElement(0x80, Buffer.from([0])))
    const anchor = makeAuthority({ extraExtensions: [{ oid: '2.5.29.30', critical: true, value }] })
    expect(outcome([issue(anchor)], [anchor])).toBe('ok')
  })
})

describe('constraints along a path', () => {
  const anchor = makeAuthority({
    subject: 'Anchor',
    extraExtensions: [nameConstraints({ permitted: ['DNS:plant.example'] })],
  })

  test('are accepted on an authority if they can be read', async () => {
    const [info] = await readBundle(anchor.der)
    expect(info && judgeAuthority(info, at).problems).toEqual([])
  })

  test('of every authority apply, not only those of the nearest', () => {
    const extraExtensions = [nameConstraints({ permitted: ['DNS:other.example'] })]
    const middle = issueAuthority(anchor, { subject: 'Middle', extraExtensions })
    expect(outcome([issue(middle, { subject: 'a.other.example' }), middle], [anchor])).toBe(outside('a.other.example'))
    expect(outcome([issue(middle, { subject: 'a.plant.example' }), middle], [anchor])).toBe(outside('a.plant.example'))
    expect(outcome([issue(middle), middle], [anchor])).toBe('ok')
  })

  test('of a root apply below its intermediate that is installed as an authority', () => {
    const middle = issueAuthority(anchor, { subject: 'Middle' })
    const device = issue(middle, { subject: 'pump.other.example' })
    expect(outcome([device], [middle])).toBe('ok')
    expect(outcome([device], [anchor, middle])).toBe(outside('pump.other.example'))
    expect(outcome([issue(middle, { subject: 'pump.plant.example' })], [anchor, middle])).toBe('ok')
  })

  test('apply to an intermediate too', () => {
    const middle = issueAuthority(anchor, { subject: 'Middle', alternativeNames: ['ca.other.example'] })
    expect(outcome([issue(middle), middle], [anchor])).toBe(outside('Middle'))
  })

  test('of a leaf limit nothing', () => {
    const free = makeAuthority()
    expect(outcome([issue(free, { extraExtensions: [nameConstraints({ excluded: ['DNS:'] })] })], [free])).toBe('ok')
  })

  test('do not apply on a path without them, although another path has some', () => {
    const root = makeAuthority({ subject: 'Root' })
    const key = { subject: 'Middle', privateKeyPem: issueAuthority(root).privateKeyPem }
    const free = issueAuthority(root, key)
    const limited = issueAuthority(root, {
      ...key,
      extraExtensions: [nameConstraints({ excluded: ['dirName:CN=alice'] })],
    })
    expect(outcome([issue(limited), limited], [root])).toBe(outside('alice'))
    expect(outcome([issue(limited), limited, free], [root])).toBe('ok')
  })
})

test('refuses more comparisons than the bound, in less time than they would take', async () => {
  const bases = Array.from({ length: 800 }, (_, i) => `DNS:${i}.example`)
  const anchor = makeAuthority({ subject: 'Anchor', extraExtensions: [nameConstraints({ excluded: bases })] })
  const few = issue(anchor, { alternativeNames: ['a.example'] })
  const many = issue(anchor, { alternativeNames: Array.from({ length: 800 }, (_, i) => `x${i}.example`) })
  expect(outcome([few], [anchor])).toBe('ok')
  expect(outcome([many], [anchor])).toBe(outside('alice'))
  expect(await costMs(() => void outcome([many], [anchor]), 50)).toBeLessThan(50)
})
