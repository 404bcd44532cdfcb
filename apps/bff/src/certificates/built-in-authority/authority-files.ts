// Rule: at every moment, also after a kill during a replacement, the pair that the database names as built-in can be
// found.
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { IssuedPems } from '@gatehouse/pki/make/issue'
import { readFileIfThere, writeFileSafely } from '../../platform/base/files.ts'

/**
 * `next`: the pair that is about to become built-in, until the database names it and its files have been moved to their
 * place.
 */
const namesOf = {
  current: { certificate: 'authority.crt', key: 'authority.key' },
  next: { certificate: 'authority.next.crt', key: 'authority.next.key' },
} as const

export async function readCurrent(dataDir: string): Promise<IssuedPems | null> {
  const { certificate, key } = await readBoth(dataDir, 'current')
  return certificate === null || key === null ? null : { certificatePem: certificate, privateKeyPem: key }
}

/**
 * Finds the pair of this certificate: in its place, still waiting, or one file here and one there. Null if it is
 * incomplete.
 */
export async function findAuthority(dataDir: string, fingerprint: string): Promise<IssuedPems | null> {
  const both = [await readBoth(dataDir, 'current'), await readBoth(dataDir, 'next')]
  const certificatePem = both.map(({ certificate }) => certificate).find((text) => isCertificate(text, fingerprint))
  if (!certificatePem) return null
  const privateKeyPem = both.map(({ key }) => key).find((text) => isKeyOf(text, certificatePem))
  return privateKeyPem ? { certificatePem, privateKeyPem } : null
}

/** Writes a pair beside the current one. It is on the disk when this resolves. */
export function keepNext(dataDir: string, pems: IssuedPems): Promise<void> {
  return writeBoth(dataDir, 'next', pems)
}

/** Moves a pair to its place and deletes the waiting files. */
export async function putInPlace(dataDir: string, pems: IssuedPems): Promise<void> {
  const { certificate, key } = await readBoth(dataDir, 'current')
  if (certificate !== pems.certificatePem || key !== pems.privateKeyPem) await writeBoth(dataDir, 'current', pems)
  await forgetNext(dataDir)
}

export async function forgetNext(dataDir: string): Promise<void> {
  for (const name of Object.values(namesOf.next)) await rm(join(dataDir, name), { force: true })
}

// The key first: at the next start, a certificate without its key would be reported as lost.
async function writeBoth(dataDir: string, which: keyof typeof namesOf, pems: IssuedPems): Promise<void> {
  const { certificate, key } = namesOf[which]
  await writeFileSafely(join(dataDir, key), pems.privateKeyPem, 0o600)
  await writeFileSafely(join(dataDir, certificate), pems.certificatePem, 0o600)
}

async function readBoth(dataDir: string, which: keyof typeof namesOf) {
  const { certificate, key } = namesOf[which]
  return {
    certificate: await readFileIfThere(join(dataDir, certificate)),
    key: await readFileIfThere(join(dataDir, key)),
  }
}

function isCertificate(text: string | null, fingerprint: string): boolean {
  const certificate = orNull(() => new X509Certificate(text ?? ''))
  return certificate !== null && createHash('sha256').update(certificate.raw).digest('hex') === fingerprint
}

function isKeyOf(text: string | null, certificatePem: string): boolean {
  const key = orNull(() => createPrivateKey(text ?? ''))
  return key !== null && new X509Certificate(certificatePem).checkPrivateKey(key)
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null // another file, or a partial one: the pair is not here
  }
}
