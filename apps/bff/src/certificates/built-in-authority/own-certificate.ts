/**
 * The server's certificate, signed by the built-in authority: for the server's names, renewed shortly before it
 * expires.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIPv6, SocketAddress } from 'node:net'
import { join } from 'node:path'
import { type IssuedPems, issueServerCertificate } from '@gatehouse/pki/make/issue'
import { readBundle } from '@gatehouse/pki/read/certificate'
import type { Clock } from '../../platform/base/clock.ts'
import { readFileIfThere, writeFileSafely } from '../../platform/base/files.ts'

const serverDays = 397
/** Renewed if it expires within this time. */
const renewBeforeMs = 30 * 24 * 60 * 60_000

export interface ServerPlace {
  dataDir: string
  clock: Clock
  names: readonly string[]
}

/**
 * Returns the existing certificate if it still matches the authority, the names and the time; else makes a new one and
 * writes it first. `cross`: the authority's certificate signed by its predecessor, sent to clients that know only that
 * one.
 */
export async function ensureServerCertificate(
  authority: IssuedPems,
  cross: string | null,
  place: ServerPlace,
): Promise<{ pems: IssuedPems; isNew: boolean }> {
  const files = { crt: join(place.dataDir, 'server.crt'), key: join(place.dataDir, 'server.key') }
  const [certificatePem, privateKeyPem] = await Promise.all([readFileIfThere(files.crt), readFileIfThere(files.key)])
  const chain = chainOf(authority.certificatePem) + (cross ?? '')
  if (certificatePem !== null && privateKeyPem !== null) {
    const pems = { certificatePem, privateKeyPem }
    if (await isStillGood(pems, { authority, chain, place })) return { pems, isNew: false }
  }
  const { names, clock } = place
  const made = await issueServerCertificate({ authority, names, days: serverDays, at: clock.now() })
  const pems = { ...made, certificatePem: made.certificatePem + chain }
  await writeFileSafely(files.key, pems.privateKeyPem, 0o600)
  await writeFileSafely(files.crt, pems.certificatePem, 0o600)
  return { pems, isNew: true }
}

/** The chain that the server sends after its certificate: up to the root, which clients have (RFC 8446 §4.4.2). */
function chainOf(authorityPem: string): string {
  return splitPem(authorityPem)
    .filter((pem) => !isSelfIssued(pem))
    .join('')
}

export function splitPem(pem: string): string[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((block) => `${block}\n`)
}

export function isSelfIssued(pem: string): boolean {
  const { subject, issuer } = new X509Certificate(pem)
  return subject === issuer
}

interface Fitting {
  authority: IssuedPems
  chain: string
  place: ServerPlace
}

async function isStillGood({ certificatePem, privateKeyPem }: IssuedPems, { authority, chain, place }: Fitting) {
  try {
    const [leaf = '', ...rest] = splitPem(certificatePem)
    const certificate = new X509Certificate(leaf)
    return (
      rest.join('') === chain &&
      certificate.verify(new X509Certificate(authority.certificatePem).publicKey) &&
      // A kill between the two files leaves a certificate of another key.
      certificate.checkPrivateKey(createPrivateKey(privateKeyPem)) &&
      !isDue(certificate, authority, place.clock) &&
      (await hasNames(leaf, place.names))
    )
  } catch {
    return false // a partial or other file: a new one costs nothing
  }
}

function isDue({ validFrom, validTo }: X509Certificate, authority: IssuedPems, clock: Clock): boolean {
  const end = Date.parse(validTo)
  // Made while the clock was wrong: clients reject it.
  if (Date.parse(validFrom) > clock.now().getTime()) return true
  // A new one would not be valid for longer.
  const isLongest = splitPem(authority.certificatePem).some(
    (pem) => Date.parse(new X509Certificate(pem).validTo) <= end,
  )
  return !isLongest && end - clock.now().getTime() < renewBeforeMs
}

async function hasNames(pem: string, names: readonly string[]): Promise<boolean> {
  const [info] = await readBundle(pem)
  const own = new Set(info?.subjectAlternativeNames)
  return names.every((name) => own.has(`DNS:${name}`) || own.has(`IP:${canonical(name)}`))
}

function canonical(name: string): string {
  return isIPv6(name) ? new SocketAddress({ address: name, family: 'ipv6' }).address : name
}
