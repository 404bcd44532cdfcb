/**
 * Reads the authentication request of a Mender device, `POST /api/devices/v1/authentication/auth_requests`. The device proves by TLS that
 * it has the key of its certificate, and by the signature that it has the key of the request. The edge speaks for the device at the
 * management API only if both are the same key.
 */
import { createHash, createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto'

export const authRequestPath = '/api/devices/v1/authentication/auth_requests'
/** The bound of the Mender server. */
export const maxAuthRequestBytes = 1_024 * 1_024

export interface AuthRequest {
  /** The text of a JSON object, as the device sent it. */
  idData: string
  /** PEM, as the device sent it. */
  publicKey: string
  /** The parsed identity data. */
  identity: Record<string, unknown>
  /** SHA-256 of the identity data with sorted keys, which identifies the device on the Mender server. */
  identityHash: string
  /** DER of the SubjectPublicKeyInfo. */
  spki: Buffer
}

/** Why a request is refused: the status, and the word for the device. */
export interface MenderRefusal {
  status: number
  error: 'malformed_request' | 'signature_missing' | 'signature_invalid' | 'key_differs' | 'identity_differs'
}

/**
 * Checks the request against the certificate (DER) of the connection. The body is never written anew, because the signature covers its
 * bytes.
 */
export function readAuthRequest(
  body: Buffer,
  { signature, certificate }: { signature: string | undefined; certificate: Uint8Array },
): AuthRequest | MenderRefusal {
  const fields = readFlatObject(body)
  const identity = fields && readObject(fields['id_data'])
  const key = fields && readPublicKey(fields['pubkey'])
  if (!fields || !identity || !key) return { status: 400, error: 'malformed_request' }
  if (signature === undefined) return { status: 400, error: 'signature_missing' }
  const ofCertificate = new X509Certificate(certificate).publicKey
  const spki = exportSpki(key)
  // DER against DER: text differs by white space.
  if (!spki.equals(exportSpki(ofCertificate))) return { status: 403, error: 'key_differs' }
  if (!isSigned(body, signature, ofCertificate)) return { status: 401, error: 'signature_invalid' }
  const identityHash = createHash('sha256').update(sorted(identity)).digest('hex')
  const { id_data: idData = '', pubkey: publicKey = '' } = fields
  return { idData, publicKey, identity, identityHash, spki }
}

/**
 * A JSON object of strings, each key once. Go reads `PubKey` as `pubkey` and takes the last of two; then the Mender server would read
 * another key than the edge has checked.
 */
function readFlatObject(body: Buffer): Record<string, string> | null {
  const text = body.toString('utf8')
  const parsed = readObject(text)
  if (!parsed || !body.equals(Buffer.from(text)) || !areStrings(parsed)) return null
  const keys = Object.keys(parsed)
  const strings = text.match(/"(?:[^"\\]|\\.)*"/gs) ?? []
  const isOnce =
    strings.length === 2 * keys.length && new Set(keys.map((key) => key.toLowerCase())).size === keys.length
  return isOnce ? parsed : null
}

function readObject(text: string | undefined): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text ?? '')
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null
  } catch {
    return null
  }
}

function areStrings(object: Record<string, unknown>): object is Record<string, string> {
  return Object.values(object).every((value) => typeof value === 'string')
}

/** Mender accepts `PUBLIC KEY` only. Node would also read a certificate and a private key. */
function readPublicKey(pem: string | undefined): KeyObject | null {
  if (!pem?.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return null
  try {
    return createPublicKey(pem)
  } catch {
    return null
  }
}

export function exportSpki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

/** RSA: PKCS#1 v1.5 with SHA-256. ECDSA: SHA-256, in DER. Ed25519 signs the body itself (RFC 8032). */
function isSigned(body: Buffer, signature: string, key: KeyObject): boolean {
  const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  try {
    return verify(hash, body, key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

/** JSON with sorted keys at each level. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}
