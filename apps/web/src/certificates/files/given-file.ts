/**
 * A file or a text as a person gave it, as the one text that the server reads. What is surely a private key, or a key store, does not
 * leave the browser; neither does anything that is certainly another format. The server judges everything else by the same rules.
 */

import { ApiProblem } from '@gatehouse/contract/client'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { type InputKind, kindOfBytes, kindOfText } from '@gatehouse/pki/read/input-kind'
import { decodeText } from '@gatehouse/pki/read/input-text'
import { isKeyStore } from '@gatehouse/pki/read/key-store'
import { hasPrivateKeyShape, hasPrivateKeyText } from '@gatehouse/pki/read/private-key'
import { t } from '@lingui/core/macro'
import { givenWords } from './given.ts'

export interface Asked {
  kind: Extract<InputKind, 'certificate' | 'certificate_request' | 'revocation_list'>
  code: Extract<ErrorCode, 'not_a_certificate' | 'not_a_request' | 'not_a_crl'>
  /** What is expected, as the end of a sentence. */
  expected: string
}

export const asked = {
  certificates: {
    kind: 'certificate',
    code: 'not_a_certificate',
    expected: t`PEM text (“-----BEGIN CERTIFICATE-----”), a DER file or PKCS#7`,
  },
  request: {
    kind: 'certificate_request',
    code: 'not_a_request',
    expected: t`PEM text (“-----BEGIN CERTIFICATE REQUEST-----”) or a DER file`,
  },
  list: {
    kind: 'revocation_list',
    code: 'not_a_crl',
    expected: t`PEM text (“-----BEGIN X509 CRL-----”) or a DER file`,
  },
} as const satisfies Record<string, Asked>

/** Throws `ApiProblem`, as the server would. */
export function readBytes(content: ArrayBuffer, source: string, what: Asked): string {
  const bytes = new Uint8Array(content)
  refuseKeys(bytes, source)
  const text = decodeText(bytes)
  if (bytes[0] === 0x30 && !text.includes('-----BEGIN ')) return fromDer(bytes, source, what)
  return readText(text, source, what, kindOfBytes(bytes))
}

/** PEM stays as it is, also where a mail or JSON is around it: the server takes that off. Throws `ApiProblem`. */
export function readText(text: string, source: string, what: Asked, kind: InputKind | null = null): string {
  if (hasPrivateKeyText(text)) throw refusal('private_key', keptHere(source))
  if (text.includes('-----BEGIN ')) return text
  const bytes = bytesOf(text)
  if (!bytes) throw otherThanAsked(kind ?? kindOfText(text.trim()), source, what)
  refuseKeys(bytes, source)
  // PEM in base64 once more, as secrets of Kubernetes have it.
  const inner = decodeText(bytes)
  return inner.startsWith('-----BEGIN ') ? readText(inner, source, what) : fromDer(bytes, source, what)
}

function refuseKeys(bytes: Uint8Array, source: string): void {
  if (hasPrivateKeyShape(bytes)) throw refusal('private_key', keptHere(source))
  if (isKeyStore(bytes)) throw refusal('key_store', storeKeptHere(source))
}

/** In base64, with the label of PKCS#7 or without one: what it is shows in its first parts. */
function fromDer(der: Uint8Array<ArrayBuffer>, source: string, what: Asked): string {
  const kind = kindOfBytes(der)
  if (der[0] !== 0x30 || (kind !== null && kind !== what.kind)) throw otherThanAsked(kind, source, what)
  if (what.kind !== 'certificate') return toBase64(der)
  const label = namesItsContent(der) ? 'PKCS7' : 'CERTIFICATE'
  const lines = toBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** PKCS#7 begins with the name of its content, an OBJECT IDENTIFIER. */
function namesItsContent(der: Uint8Array): boolean {
  const lengthOctets = der[1] === undefined || der[1] <= 0x80 ? 0 : der[1] & 0x7f
  return der[2 + lengthOctets] === 0x06
}

function otherThanAsked(kind: InputKind | null, source: string, { code, expected, kind: wanted }: Asked): ApiProblem {
  if (kind !== null && kind !== wanted) return refusal(code, `${source}: ${givenWords[kind]}`)
  return refusal(code, t`${source} contains nothing of this kind. Use ${expected}.`)
}

export function keptHere(source: string): string {
  return t`It was in ${source}. It stayed in this browser and was neither sent nor stored. Upload the certificate, never the key.`
}

function storeKeptHere(source: string): string {
  return t`${source} may contain a private key, so it was not sent. Export its certificates as PEM: openssl pkcs12 -in store.p12 -nokeys -out certificates.pem, or keytool -exportcert -rfc -alias NAME -keystore store.jks.`
}

/** A refusal as the server would send it. The console shows its own words for the code, so the contract's title need not be loaded. */
export function refusal(code: ErrorCode, detail: string): ApiProblem {
  return new ApiProblem({ type: 'about:blank', title: code, status: 422, code, detail, requestId: '' }, null)
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/\s]+=*\s*$/.test(text)) return null
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  // In pieces: an argument list has an end.
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(binary)
}
