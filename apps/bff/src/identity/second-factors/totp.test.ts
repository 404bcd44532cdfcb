import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { codeAt } from '../../../test/authenticator.ts'
import { findStep, newTotpSecret, otpauthUri } from './totp.ts'

/** RFC 6238, appendix B, SHA-1: the ASCII text 12345678901234567890, and the last six of the eight digits. */
const rfcSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const vectors: [seconds: number, code: string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
]
const at = (seconds: number) => new Date(seconds * 1_000)

describe('a code', () => {
  it.each(vectors)('at %i seconds after 1970 is the one of RFC 6238', (seconds, code) => {
    expect(findStep(rfcSecret, code, at(seconds))).toBe(Math.floor(seconds / 30))
    expect(codeAt(rfcSecret, at(seconds))).toBe(code)
  })

  it.each([
    [0, true],
    [29, true],
    [31, true],
    [59, true],
    [60, false],
    [61, false],
    [91, false],
    [-1, true],
    [-30, true],
    [-31, false],
    [-61, false],
  ])('checked %i seconds after its step began: accepted %s', (offset, isAccepted) => {
    const begin = 1_700_000_010
    expect(begin % 30).toBe(0)
    const code = codeAt(rfcSecret, at(begin))
    expect(findStep(rfcSecret, code, at(begin + offset))).toBe(isAccepted ? begin / 30 : null)
  })

  it('matches exactly its step among three', () => {
    const begin = 1_700_000_010
    const steps = [-3, -2, -1, 0, 1, 2, 3].map((away) =>
      findStep(rfcSecret, codeAt(rfcSecret, at(begin + away * 30)), at(begin + 15)),
    )
    expect(steps).toEqual([null, null, begin / 30 - 1, begin / 30, begin / 30 + 1, null, null])
  })

  it('is computed from seconds, not milliseconds', () => {
    const seconds = 1_700_000_010
    const mistaken = codeAt(rfcSecret, at(seconds * 1_000))
    expect(mistaken).not.toBe(codeAt(rfcSecret, at(seconds)))
    expect(findStep(rfcSecret, mistaken, at(seconds))).toBeNull()
  })

  it.each([
    ' 287082',
    '287082 ',
    '287 082',
    '0287082',
    '28708',
    '',
    '２８７０８２',
    '287082\n',
    '-87082',
    '2870e2',
    '٢٨٧٠٨٢',
  ])('that is not exactly six digits is refused without an error: %j', (code) => {
    expect(findStep(rfcSecret, code, at(59))).toBeNull()
  })

  it.skipIf(spawnSync('oathtool', ['--version']).error !== undefined)(
    'is the one that oathtool shows, over sixty years',
    () => {
      const secret = newTotpSecret()
      for (let seconds = 946_684_801; seconds < 2_840_140_800; seconds += 94_672_817) {
        const { stdout } = spawnSync('oathtool', ['--totp', '-b', '-w', '20', '-N', `@${seconds}`, secret])
        const codes = stdout.toString().trim().split('\n')
        expect(codes).toHaveLength(21)
        for (const [n, code] of codes.entries()) {
          expect(findStep(secret, code, at(seconds + n * 30))).toBe(Math.floor(seconds / 30) + n)
        }
      }
    },
  )
})

describe('a secret', () => {
  it('has 160 bits and differs each time', () => {
    const secrets = Array.from({ length: 20 }, newTotpSecret)
    for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(new Set(secrets).size).toBe(20)
  })

  it.each([
    ['ada', 'Gatehouse:ada'],
    ['dev 1@x', 'Gatehouse:dev%201%40x'],
    ['a:b', 'Gatehouse:a%3Ab'],
    ['line-3.packer_07@plant', 'Gatehouse:line-3.packer_07%40plant'],
  ])('of %s is encoded in the QR code as authenticator apps read it', (username, label) => {
    expect(otpauthUri(username, rfcSecret)).toBe(`otpauth://totp/${label}?secret=${rfcSecret}&issuer=Gatehouse`)
  })
})
