// Rule: only the key of a request is used, and only because the request's own signature proves that the requester holds
// it.
import { importKey, isSignedBy, type KeyFacts, readKey, readSignature, type SignatureFacts } from './algorithms.ts'
import { readBlocks, unexpectedKind } from './bundle.ts'
import {
  DerError,
  expectTag,
  readBitStringBytes,
  readChildren,
  readOnly,
  readSmallInteger,
  TooLargeError,
  tags,
} from './der.ts'
import { firstText } from './distinguished-name.ts'
import { PkiError } from './pki-error.ts'

export type RequestProblem =
  | 'weak_key'
  | 'key_too_large'
  | 'key_kind'
  | 'unsupported_signature'
  | 'weak_signature'
  | 'bad_signature'

/** A certificate request (PKCS#10, RFC 2986) that its own key signed. */
export interface CertificateRequest {
  /** SubjectPublicKeyInfo, DER. */
  spki: Uint8Array
  keyAlgorithm: string
  /** The requested Common Name, for display only. */
  commonName: string | null
}

const maxRequestBytes = 64 * 1024
const labels = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']
// The keys with which clients sign in TLS 1.3 (RFC 8446 §4.2.3).
const supported = /^(RSA \d+|ECDSA P-(256|384|521)|Ed25519|Ed448)$/

/**
 * Reads one request: PEM with anything around it, or base64 of DER. Ignores the names and extensions in it. Returns a
 * problem for a readable request that is refused. Throws only `PkiError`.
 */
export function readRequest(text: string): CertificateRequest | RequestProblem {
  const [block, ...more] = [...readBlocks(text, { maxBytes: maxRequestBytes, labels })]
  if (!block?.der || more.length > 0)
    throw new PkiError('not_a_request', null, unexpectedKind('certificate_request', block))
  try {
    return readDer(block.der)
  } catch (error) {
    // The cause is dropped because its message may contain parts of the input.
    if (error instanceof TooLargeError) throw new PkiError('too_large')
    throw new PkiError('not_a_request', null, unexpectedKind('certificate_request', block))
  }
}

/** Throws `DerError`. */
function readDer(der: Uint8Array): CertificateRequest | RequestProblem {
  const [info, signatureAlgorithm, bits, ...more] = readChildren(readOnly(der, tags.sequence))
  const tbs = expectTag(info, tags.sequence)
  const [version, subject, spki, attributes, ...rest] = readChildren(tbs)
  if (more.length > 0 || rest.length > 0 || readSmallInteger(version) !== 0) throw new DerError('request')
  // RFC 2986 §4.1: the attributes are always present, but some tools leave them out.
  if (attributes && attributes.tag !== 0xa0) throw new DerError('attributes')
  const { raw: publicKey } = expectTag(spki, tags.sequence)
  const key = readKey(publicKey)
  const signed = {
    tbs: tbs.raw,
    signatureAlgorithm: expectTag(signatureAlgorithm, tags.sequence),
    signature: readBitStringBytes(bits),
  }
  const problem = problemOf(key, readSignature(signed.signatureAlgorithm))
  if (problem) return problem
  const commonName = firstText(expectTag(subject, tags.sequence).raw, '2.5.4.3')
  if (!isSignedBy(signed, importKey(publicKey, key))) return 'bad_signature'
  return { spki: publicKey, keyAlgorithm: key.label, commonName }
}

function problemOf(key: KeyFacts, signature: SignatureFacts): RequestProblem | null {
  if (key.isTooLarge) return 'key_too_large'
  if (key.kind === 'rsa' && key.isWeak) return 'weak_key'
  if (!supported.test(key.label)) return 'key_kind'
  if (!signature.isSupported) return 'unsupported_signature'
  return signature.isWeak ? 'weak_signature' : null
}
