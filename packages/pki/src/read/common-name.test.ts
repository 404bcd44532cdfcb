import { assert, nat, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { issue, makeAuthority, type SubjectAttribute } from '../testing/certificates.ts'
import { characterAt, characterCount } from '../testing/characters.ts'
import { readCommonName } from './common-name.ts'

const authority = makeAuthority()

function read(...subject: SubjectAttribute[][]) {
  return readCommonName(issue(authority, { subject }).der)
}

function readCn(value: string | Uint8Array, encoding: SubjectAttribute['encoding'] = 'utf8') {
  return read([{ type: 'CN', value, encoding: encoding ?? 'utf8' }])
}

describe('accepts', () => {
  test.each([
    ['plain', 'alice', 'utf8'],
    ['printable', 'device001', 'printable'],
    ['PrintableString with characters that X.680 forbids', 'line-3_a@b.example', 'printable'],
    ['64 characters', 'a'.repeat(64), 'utf8'],
    ['64 characters outside the basic plane', '𝒜'.repeat(64), 'utf8'],
    ['composed', 'René', 'utf8'],
    ['looks like a DN', 'CN=admin,O=x', 'utf8'],
    ['looks like an escape', String.raw`a\00b`, 'utf8'],
    ['an asterisk', '*', 'utf8'],
    ['plain ASCII in an IA5String', 'line-3_a@b.example', 'ia5'],
    ['plain ASCII in a T61String', 'alice', 'teletex'],
    ['plain ASCII in a BMPString', 'alice', 'bmp'],
    ['plain ASCII in a UniversalString', 'alice', 'universal'],
  ] as const)('%s', (_, value, encoding) => {
    expect(readCn(value, encoding)).toEqual({ ok: true, commonName: value })
  })

  test('accepts one CN among other attributes, also within one relative distinguished name', () => {
    const subject: SubjectAttribute[][] = [
      [{ type: 'O', value: 'CN=admin' }],
      [
        { type: 'CN', value: 'alice' },
        { type: 'OU', value: 'x' },
      ],
    ]
    expect(read(...subject)).toEqual({ ok: true, commonName: 'alice' })
  })
})

describe('refuses', () => {
  test.each([
    ['no_common_name', [[{ type: 'O', value: 'alice' }]]],
    ['no_common_name', []],
    ['several_common_names', [[{ type: 'CN', value: 'alice' }], [{ type: 'CN', value: 'admin' }]]],
    ['several_common_names', [[{ type: 'CN', value: 'alice' }], [{ type: 'CN', value: 'alice' }]]],
    [
      'several_common_names',
      [
        [
          { type: 'CN', value: 'alice' },
          { type: 'CN', value: 'admin' },
        ],
      ],
    ],
  ])('%s', (reason, subject) => {
    expect(read(...subject)).toEqual({ ok: false, reason })
  })

  test.each([
    ['common_name_encoding', Buffer.from([0x61, 0xe9]), 'ia5'],
    ['common_name_encoding', 'René', 'teletex'],
    ['common_name_encoding', 'René', 'bmp'],
    ['common_name_encoding', 'René', 'universal'],
    ['common_name_encoding', 'al\u202eice', 'bmp'],
    ['common_name_encoding', 'al\u202eice', 'universal'],
    ['common_name_encoding', 'alice\0', 'ia5'],
    ['common_name_encoding', 'alice\0.evil', 'bmp'],
    ['common_name_encoding', 'al\u007fice', 'teletex'],
    ['common_name_encoding', Buffer.from('alice'), 'bmp'],
    ['common_name_encoding', Buffer.from('alice!'), 'universal'],
    ['common_name_encoding', Buffer.from('alicealice\0\0'), 'universal'],
    ['common_name_encoding', Buffer.from([0, 0, 0, 0x61, 0, 0x11, 0, 0]), 'universal'],
    ['common_name_encoding', Buffer.from([0x80, 0, 0, 0x61]), 'universal'],
    ['common_name_length', '', 'bmp'],
    ['common_name_length', 'a'.repeat(65), 'universal'],
    ['common_name_characters', 'al ice', 'ia5'],
    ['common_name_characters', '#', 'universal'],
    ['common_name_characters', 'a/b', 'bmp'],
    ['common_name_encoding', Buffer.from([0x61, 0xff]), 'utf8'],
    ['common_name_encoding', Buffer.from([0xc1, 0xa1]), 'utf8'],
    ['common_name_encoding', Buffer.from([0xed, 0xa0, 0x80]), 'utf8'],
    ['common_name_encoding', Buffer.from([0x61, 0xe9]), 'printable'],
    ['common_name_encoding', 'Rene\u0301', 'utf8'],
    ['common_name_length', '', 'utf8'],
    ['common_name_length', 'a'.repeat(65), 'utf8'],
    ['common_name_characters', 'alice\0.evil', 'utf8'],
    ['common_name_characters', 'alice\nCN=admin', 'utf8'],
    ['common_name_characters', 'a\tb', 'printable'],
    ['common_name_characters', '\u{feff}alice', 'utf8'],
    ['common_name_characters', ' alice', 'utf8'],
    ['common_name_characters', 'alice ', 'printable'],
    ['common_name_characters', 'al ice', 'utf8'],
    ['common_name_characters', 'al\u00a0ice', 'utf8'],
    ['common_name_characters', 'al\u2028ice', 'utf8'],
    ['common_name_characters', 'al\u202eice', 'utf8'],
    ['common_name_characters', 'al\u200bice', 'utf8'],
    ['common_name_characters', 'al\u00adice', 'utf8'],
    ['common_name_characters', 'al\u115fice', 'utf8'],
    ['common_name_characters', 'al\ufe0fice', 'utf8'],
    ['common_name_characters', 'al\ue000ice', 'utf8'],
    ['common_name_characters', 'al\u0085ice', 'utf8'],
    ['common_name_characters', '#', 'utf8'],
    ['common_name_characters', '+', 'utf8'],
    ['common_name_characters', 'a/b', 'utf8'],
  ] as const)('%s: %j', (reason, value, encoding) => {
    expect(readCn(value, encoding)).toEqual({ ok: false, reason })
  })

  test('refuses bytes that are not a certificate', () => {
    expect(readCommonName(Buffer.from('rubbish'))).toEqual({ ok: false, reason: 'no_common_name' })
  })
})

test('returns exactly the text that was written', () => {
  const isFaithful = property(string({ unit: nat(characterCount - 1).map(characterAt), maxLength: 70 }), (value) => {
    const result = readCn(value)
    expect(result.ok ? result.commonName : value).toBe(value)
  })
  assert(isFaithful, { numRuns: 300 })
})
