// Rule: at every moment, also after a kill in the middle of a replacement, the pair that the database calls built-in can be found.
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { IssuedPems } from '@gatehouse/pki/make/issue'
import { readFileIfThere, writeFileSafely } from '../../platform/base/files.ts'

/** `next`: the one that is about to be built-in, until the database says so and its files have taken their places. */
const namesOf = {
  current: { certificate: 'authority.crt', key: 'authority.key' },
  next: { certificate: 'authority.next.crt', key: 'authority.next.key' },
} as const

export async function readCurrent(dataDir: string): Promise<IssuedPems | null> {
  const { certificate, key } = await readBoth(dataDir, 'current')
  return certificate === null || key === null ? null : { certificatePem: certificate, privateKeyPem: key }
}

/** The pair with this certificate: in its place, still waiting, or one half here and one there. Null where it is not complete. */
export async function findAuthority(dataDir: string, fingerprint: string): Promise<IssuedPems | null> {
  const both = [await readBoth(dataDir, 'current'), await readBoth(dataDir, 'next')]
  const certificatePem = both.map(({ certificate }) => certificate).find((text) => isCertificate(text, fingerprint))
  if (!certificatePem) return null
  const privateKeyPem = both.map(({ key }) => key).find((text) => isKeyOf(text, certificatePem))
  return privateKeyPem ? { certificatePem, privateKeyPem } : null
}

/** Keeps a pair beside the one that is in force. On the disk when it resolves. */
export function keepNext(dataDir: string, pems: IssuedPems): Promise<void> {
  return writeBoth(dataDir, 'next', pems)
}

/** Puts a pair in its place; what was waiting there goes. */
export async function putInPlace(dataDir: string, pems: IssuedPems): Promise<void> {
  const { certificate, key } = await readBoth(dataDir, 'current')
  if (certificate !== pems.certificatePem || key !== pems.privateKeyPem) await writeBoth(dataDir, 'current', pems)
  await forgetNext(dataDir)
}

export async function forgetNext(dataDir: string): Promise<void> {
  for (const name of Object.values(namesOf.next)) await rm(join(dataDir, name), { force: true })
}

// The key first: a certificate without its key would be taken for a loss at the next start.
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
    return null // another file, or half of one: the pair is not here
  }
}
