/**
 * What a person gave, as the one text that the server reads: PEM, whatever it was before. What is surely a private key does
 * not leave the browser; all else is judged by the server.
 */
import { authorities, type InspectedCertificate, maxUploadBytes } from '@gatehouse/contract/authorities'
import { ApiProblem } from '@gatehouse/contract/client'
import { type ErrorCode, errors } from '@gatehouse/contract/errors'
import { type UseMutationResult, useMutation } from '@tanstack/react-query'
import { call } from '../api/client.ts'

export interface Given {
  /** PEM, one or many blocks. */
  text: string
  /** Where it came from: "plant.pem", "3 files", "the pasted text". */
  source: string
}

/** Several files are taken as one. Throws `ApiProblem`, as the server would. */
export async function readFiles(files: readonly File[]): Promise<Given> {
  const [only] = files
  const source = files.length === 1 && only ? only.name : `${files.length} files`
  // Before anything is read: the largest of files would otherwise be held in memory first.
  const size = files.reduce((sum, file) => sum + file.size, 0)
  if (size > maxUploadBytes) throw refusal('too_large', tooLarge(source, size))
  const texts = await Promise.all(files.map(async (file) => readBytes(await file.arrayBuffer(), file.name)))
  return bounded({ text: texts.join('\n'), source })
}

export function readText(typed: string): Given {
  const source = 'the pasted text'
  return bounded({ text: toPem(typed, source), source })
}

/**
 * Only these certificates of the text, by SHA-256 fingerprint. Null where that cannot be done exactly: within PKCS#7, or
 * in a browser that does not hash here (no HTTPS).
 */
export async function keepOnly(text: string, fingerprints: ReadonlySet<string>): Promise<string | null> {
  const { subtle } = crypto as { subtle?: SubtleCrypto }
  if (!subtle) return null
  const kept = new Map<string, string>()
  for (const [block, base64 = ''] of text.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)) {
    const fingerprint = toHex(await subtle.digest('SHA-256', fromBase64(base64)))
    if (fingerprints.has(fingerprint)) kept.set(fingerprint, block)
  }
  return kept.size === fingerprints.size ? `${[...kept.values()].join('\n')}\n` : null
}

function readBytes(content: ArrayBuffer, source: string): string {
  const bytes = new Uint8Array(content)
  // Some editors of Windows save like this.
  const text = new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes)
  if (bytes[0] === 0x30 && !text.includes('-----BEGIN ')) return armour(bytes, source)
  return toPem(text, source)
}

function toPem(text: string, source: string): string {
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) throw refusal('private_key', keptHere(source))
  if (text.includes('-----BEGIN ')) return text
  if (!/^[A-Za-z0-9+/\s]+=*\s*$/.test(text)) throw refusal('not_a_certificate', nothingIn(source))
  return armour(fromBase64(text, source), source)
}

/** DER in its armour (RFC 7468). What it is shows in the first part of its outer SEQUENCE. */
function armour(der: Uint8Array<ArrayBuffer>, source: string): string {
  const lengthOctets = der[1] === undefined || der[1] < 0x80 ? 0 : der[1] & 0x7f
  const first = der[0] === 0x30 ? der[2 + lengthOctets] : undefined
  // An INTEGER, the version: PKCS#1, PKCS#8, SEC 1 and PKCS#12 begin so, and each holds a key.
  if (first === 0x02) throw refusal('private_key', keptHere(source))
  if (first !== 0x30 && first !== 0x06) throw refusal('not_a_certificate', nothingIn(source))
  const label = first === 0x06 ? 'PKCS7' : 'CERTIFICATE'
  const lines = toBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** The body is JSON, in which each end of a line takes two bytes. */
function bounded(given: Given): Given {
  const size = new TextEncoder().encode(JSON.stringify(given.text)).length + roomForTheRest
  if (size > maxUploadBytes) throw refusal('too_large', tooLarge(given.source, size))
  return given
}

/** The name, and a hundred globs. */
const roomForTheRest = 16 * 1024

function tooLarge(source: string, size: number): string {
  return `${source} is ${inMebibytes(size)} MiB; at most ${inMebibytes(maxUploadBytes)} MiB fit at once. It was not sent.`
}

export function inMebibytes(bytes: number): string {
  return (bytes / 1_048_576).toLocaleString('en', { maximumFractionDigits: 1 })
}

export function keptHere(source: string): string {
  return `It was in ${source}. It has not left this browser: it was neither sent nor stored. Give the certificate, never the key.`
}

function nothingIn(source: string): string {
  return `Nothing in ${source} looks like one. Expected is PEM text (“-----BEGIN CERTIFICATE-----”), a DER file, or PKCS#7.`
}

export function refusal(code: ErrorCode, detail: string): ApiProblem {
  const { status, title } = errors[code]
  return new ApiProblem({ type: 'about:blank', title, status, code, detail, requestId: '' }, null)
}

function fromBase64(text: string, source = ''): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    throw refusal('not_a_certificate', nothingIn(source))
  }
}

export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  // In pieces: an argument list has an end.
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(binary)
}

function toHex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export interface Inspected {
  given: Given
  certificates: InspectedCertificate[]
  /** The same without those that have problems; null where there are none, or they cannot be taken out exactly. */
  withoutBad: Given | null
}

export type Inspection = UseMutationResult<Inspected, Error, () => Given | Promise<Given>>

/** Held by the page: a file that is dropped there is looked at before the dialog opens. */
export function useInspection(): Inspection {
  return useMutation({ mutationFn: inspect, gcTime: 0 })
}

async function inspect(read: () => Given | Promise<Given>): Promise<Inspected> {
  const given = await read()
  const { certificates } = await call(authorities.inspect, { body: { certificates: given.text } })
  const good = certificates.filter(({ problems }) => problems.length === 0)
  const isMixed = good.length > 0 && good.length < certificates.length
  const text = isMixed ? await keepOnly(given.text, new Set(good.map(({ fingerprint }) => fingerprint))) : null
  return { given, certificates, withoutBad: text === null ? null : { ...given, text } }
}
