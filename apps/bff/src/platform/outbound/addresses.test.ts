import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { AddressRefused, allowedLookup, isAllowedAddress, refuseLiteralAddress } from './addresses.ts'

it.each([
  ['192.0.2.1', false, false],
  ['93.184.216.34', true, true],
  ['2606:2800:220:1:248:1893:25c8:1946', true, true],
  ['10.1.2.3', false, true],
  ['172.16.0.1', false, true],
  ['192.168.1.1', false, true],
  ['100.64.0.1', false, true],
  ['fd00::1', false, true],
  ['127.0.0.1', false, true],
  ['::1', false, true],
  ['::ffff:127.0.0.1', false, true],
  ['64:ff9b::7f00:1', false, true],
  ['64:ff9b::5db8:d822', true, true],
  ['64:ff9b::a9fe:a9fe', false, false],
  ['169.254.169.254', false, false],
  ['fe80::1%eth0', false, false],
  ['0.0.0.0', false, false],
  ['::', false, false],
  ['224.0.0.1', false, false],
  ['2002:7f00:1::', false, false],
  ['localhost', false, false],
])('address %s: allowed %s, with private networks %s', (address, isPublic, isPrivate) => {
  expect(isAllowedAddress(address, { mayBePrivate: false })).toBe(isPublic)
  expect(isAllowedAddress(address, { mayBePrivate: true })).toBe(isPrivate)
})

it('refuses literal addresses, also in brackets, and leaves names to the lookup', () => {
  const rules = { mayBePrivate: false }
  expect(() => refuseLiteralAddress('[::1]', rules)).toThrow(AddressRefused)
  expect(() => refuseLiteralAddress('10.0.0.1', rules)).toThrow(AddressRefused)
  expect(() => refuseLiteralAddress('localhost', rules)).not.toThrow()
})

it('ends a connection whose name resolves to an address that is not allowed', async () => {
  const lookup = allowedLookup({ mayBePrivate: false })
  const error = await new Promise((resolve) => connect({ host: 'localhost', port: 9, lookup }).on('error', resolve))
  expect(error).toMatchObject({ code: 'ADDRESS_REFUSED' })
})
