import { describe, expect, it } from 'vitest'
import { readProxyHeader } from './proxy-header.ts'

const v1 = (line: string) => Buffer.from(`${line}\r\n`, 'latin1')
const v2 = (hex: string) => Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), Buffer.from(hex, 'hex')])

const headers: [string, Buffer, string | null][] = [
  ['version 1, IPv4', v1('PROXY TCP4 192.0.2.7 198.51.100.1 56324 1883'), '192.0.2.7'],
  ['version 1, IPv6', v1('PROXY TCP6 2001:db8:0:0::7 2001:db8::1 56324 1883'), '2001:db8::7'],
  ['version 1, an IPv4 address in IPv6', v1('PROXY TCP6 ::ffff:192.0.2.7 ::1 56324 1883'), '192.0.2.7'],
  ['version 1, unknown', v1('PROXY UNKNOWN'), null],
  ['version 1, unknown with addresses', v1('PROXY UNKNOWN ffff::1 ffff::2 1 2'), null],
  ['version 2, IPv4', v2('2111000cc0000207c6336401dc04075b'), '192.0.2.7'],
  [
    'version 2, IPv6',
    v2('2121002420010db800000000000000000000000720010db8000000000000000000000001dc04075b'),
    '2001:db8::7',
  ],
  ['version 2, IPv4 with an additional field', v2('21110010c0000207c6336401dc04075b04000141'), '192.0.2.7'],
  ['version 2, local', v2('20000000'), null],
  ['version 2, local with bytes to skip', v2('20000004deadbeef'), null],
]

describe('a PROXY header', () => {
  it.each(headers)('is read: %s', (_name, header, address) => {
    const connect = Buffer.from('\u0010\u0000', 'latin1')
    expect(readProxyHeader(Buffer.concat([header, connect]))).toEqual({ address, length: header.length })
  })

  it.each(headers)('is incomplete until its last byte: %s', (_name, header) => {
    for (let length = 0; length < header.length; length++) {
      expect(readProxyHeader(header.subarray(0, length))).toBe('incomplete')
    }
  })

  it.each([
    ['an MQTT packet', Buffer.from('102a', 'hex')],
    ['a TLS handshake', Buffer.from('160301', 'hex')],
    ['version 1 without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(100)}`, 'latin1')],
    ['version 1 with an address of the other family', v1('PROXY TCP4 2001:db8::7 2001:db8::1 1 2')],
    ['version 1 with a shortened address', v1('PROXY TCP4 192.0.519 198.51.100.1 1 2')],
    ['version 1 with a port that is too large', v1('PROXY TCP4 192.0.2.7 198.51.100.1 1 65536')],
    ['version 1 with one port', v1('PROXY TCP4 192.0.2.7 198.51.100.1 1')],
    ['version 1 with two spaces', v1('PROXY  TCP4 192.0.2.7 198.51.100.1 1 2')],
    ['version 1 with another family', v1('PROXY UDP4 192.0.2.7 198.51.100.1 1 2')],
    ['version 1 in lower case', v1('proxy TCP4 192.0.2.7 198.51.100.1 1 2')],
    ['version 3', v2('3111000cc0000207c6336401dc04075b')],
    ['version 2 with another command', v2('2211000cc0000207c6336401dc04075b')],
    ['version 2 with UDP', v2('2112000cc0000207c6336401dc04075b')],
    ['version 2 with a length below its addresses', v2('2111000bc0000207c6336401dc0407')],
    ['version 2 with 64 KiB', v2('2111ffff')],
    ['a damaged signature', Buffer.from('\r\n\r\n\0\r\nQUIT ', 'latin1')],
  ])('is malformed: %s', (_name, bytes) => {
    expect(readProxyHeader(bytes)).toBe('malformed')
  })
})
