import { describe, expect, it } from 'vitest'
import { makeNetworks, networkOf, parseAddress } from './address.ts'

describe('an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:40001', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['2001:0DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::ffff:102:304', '1.2.3.4'],
    ['[::ffff:1.2.3.4]:443', '1.2.3.4'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:443', 'fe80::1'],
  ])('reads %s as %s', (text, expected) => {
    expect(parseAddress(text)).toBe(expected)
  })

  it.each([
    '',
    'unknown',
    '_hidden',
    '1',
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '203.0.113.256',
    '203.0.113.7:',
    '203.0.113.7:999999',
    '203.0.113.7 203.0.113.8',
    '[203.0.113.7',
    '2001:db8::7]:443',
    '2001:db8::10000',
    '<script>alert(1)</script>',
    `2001:db8::7%${'x'.repeat(8_192)}`,
    'x'.repeat(8_192),
  ])('rejects %j', (text) => {
    expect(parseAddress(text)).toBeNull()
  })
})

it('takes an IPv4 address, or the /64 of an IPv6 address, as the network, in any notation', () => {
  expect(networkOf('203.0.113.7')).toBe('203.0.113.7')
  expect(networkOf('::ffff:203.0.113.7')).toBe('203.0.113.7')
  expect(networkOf('2001:db8:0:64:1:2:3:4')).toBe('2001:db8:0:64::/64')
  expect(networkOf('2001:DB8:0:64::9%eth0')).toBe('2001:db8:0:64::/64')
  expect(networkOf('junk')).toBe('unknown')
})

describe('networks', () => {
  const isTrusted = makeNetworks(['127.0.0.1', '10.0.0.0/8', '2001:db8::/32', '::ffff:192.0.2.0/120'])

  it.each(['127.0.0.1', '::ffff:127.0.0.1', '127.0.0.1:2', '10.255.0.1', '2001:db8:9::1', '192.0.2.200'])(
    'hold %s',
    (address) => expect(isTrusted(address)).toBe(true),
  )

  it.each(['127.0.0.2', '11.0.0.1', '2001:db9::1', '192.0.3.1', '::1', '', 'junk'])('do not contain %j', (address) =>
    expect(isTrusted(address)).toBe(false),
  )

  it('contain nothing if the list is empty', () => expect(makeNetworks([])('127.0.0.1')).toBe(false))
})
