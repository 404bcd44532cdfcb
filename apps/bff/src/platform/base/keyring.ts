/**
 * Encrypts secrets at rest. A random data key encrypts (AES-256-GCM) and keys hashes (HMAC-SHA-256). The data key is
 * stored wrapped under the installation's secret key, which is outside the database. Rotating the secret key rewraps
 * one value, and the old key can be discarded at once.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

export interface Keyring {
  /** `about` is authenticated with the box (AAD), so a box copied to another row does not decrypt. */
  encrypt(text: string, about: string): string
  /** Throws if the box was changed or `about` differs. */
  decrypt(box: string, about: string): string
  /** A keyed hash (hex) of a text that has too little entropy for a plain hash. */
  digest(text: string, purpose: string): string
}

export const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

export function newDataKey(): Buffer {
  return randomBytes(keyBytes)
}

export function makeKeyring(dataKey: Buffer): Keyring {
  const boxKey = derive(dataKey, 'box')
  const digestKey = derive(dataKey, 'digest')
  return {
    encrypt: (text, about) => seal(boxKey, Buffer.from(text), about).toString('base64'),
    decrypt: (box, about) => open(boxKey, Buffer.from(box, 'base64'), about).toString(),
    digest: (text, purpose) => createHmac('sha256', digestKey).update(`${purpose}\0${text}`).digest('hex'),
  }
}

export function wrapDataKey(dataKey: Buffer, secretKey: Buffer): string {
  return seal(secretKey, dataKey, 'data key').toString('base64')
}

/** Returns null if this secret key did not wrap the data key. */
export function unwrapDataKey(wrapped: string, secretKey: Buffer): Buffer | null {
  try {
    return open(secretKey, Buffer.from(wrapped, 'base64'), 'data key')
  } catch {
    return null
  }
}

function derive(dataKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, '', `gatehouse ${purpose}`, keyBytes))
}

/** Layout: nonce, tag, ciphertext. */
function seal(key: Buffer, text: Buffer, about: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about))
  const sealed = Buffer.concat([cipher.update(text), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}

function open(key: Buffer, box: Buffer, about: string): Buffer {
  const nonce = box.subarray(0, nonceBytes)
  const tag = box.subarray(nonceBytes, nonceBytes + tagBytes)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(about)).setAuthTag(tag)
  return Buffer.concat([decipher.update(box.subarray(nonceBytes + tagBytes)), decipher.final()])
}
