import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeKeyring, newDataKey, unwrapDataKey, wrapDataKey } from './keyring.ts'

/** Node's messages for a box that was changed and for one that is too short. */
const refusal = /unable to authenticate data|nvalid/

const keyring = makeKeyring(newDataKey())
const about = fc.string({ unit: 'grapheme' })
const text = fc.string({ unit: 'grapheme', maxLength: 200 })

describe('a box', () => {
  it('decrypts to the plaintext, and shows nothing of it', () => {
    fc.assert(
      fc.property(text, about, (secret, where) => {
        const box = keyring.encrypt(secret, where)
        expect(keyring.decrypt(box, where)).toBe(secret.toWellFormed())
        expect(box).toMatch(/^[A-Za-z0-9+/]+=*$/)
      }),
    )
  })

  it('differs each time, also for the same plaintext', () => {
    const boxes = Array.from({ length: 100 }, () => keyring.encrypt('secret', 'user 1'))
    expect(new Set(boxes).size).toBe(100)
    // The first twelve bytes are the nonce. A reused nonce breaks AES-GCM.
    expect(new Set(boxes.map((box) => box.slice(0, 16))).size).toBe(100)
  })

  it('does not decrypt with another context or another key', () => {
    fc.assert(
      fc.property(text, about, about, (secret, here, there) => {
        fc.pre(here !== there)
        const box = keyring.encrypt(secret, here)
        expect(() => keyring.decrypt(box, there)).toThrow(refusal)
        expect(() => makeKeyring(newDataKey()).decrypt(box, here)).toThrow(refusal)
      }),
    )
  })

  it('does not decrypt if a single bit is flipped', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.integer({ min: 0, max: 7 }), (secret, at, bit) => {
        const box = Buffer.from(keyring.encrypt(secret, 'user 1'), 'base64')
        const position = at % box.length
        box.writeUInt8(box.readUInt8(position) ^ (1 << bit), position)
        expect(() => keyring.decrypt(box.toString('base64'), 'user 1')).toThrow(refusal)
      }),
    )
  })

  it('does not decrypt if it was shortened or extended', () => {
    const box = Buffer.from(keyring.encrypt('a secret of some length', 'user 1'), 'base64')
    for (let length = 0; length < box.length; length++) {
      expect(() => keyring.decrypt(box.subarray(0, length).toString('base64'), 'user 1')).toThrow(refusal)
    }
    const longer = Buffer.concat([box, Buffer.from([0])])
    expect(() => keyring.decrypt(longer.toString('base64'), 'user 1')).toThrow(refusal)
  })
})

describe('a digest', () => {
  it('is equal only for the same text, purpose and key', () => {
    const digest = keyring.digest('ABCD', 'backup code')
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(keyring.digest('ABCD', 'backup code')).toBe(digest)
    expect(keyring.digest('ABCE', 'backup code')).not.toBe(digest)
    expect(keyring.digest('ABCD', 'something else')).not.toBe(digest)
    expect(makeKeyring(newDataKey()).digest('ABCD', 'backup code')).not.toBe(digest)
  })
})

describe('the data key', () => {
  it('is unwrapped only by the secret key that wrapped it', () => {
    const [dataKey, secretKey, other] = [newDataKey(), newDataKey(), newDataKey()]
    const wrapped = wrapDataKey(dataKey, secretKey)
    expect(unwrapDataKey(wrapped, secretKey)).toEqual(dataKey)
    expect(unwrapDataKey(wrapped, other)).toBeNull()
    expect(unwrapDataKey(wrapped, secretKey.subarray(0, 16))).toBeNull()
    expect(unwrapDataKey(wrapped.slice(0, -4), secretKey)).toBeNull()
    expect(unwrapDataKey('', secretKey)).toBeNull()
  })
})
