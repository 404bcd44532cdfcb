/**
 * A server certificate from files of the installation's own, such as certbot renews. It is read at the start and when
 * the files change.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IssuedPems } from '@gatehouse/pki/make/issue'
import type { Logger } from 'pino'
import { BadSettings } from '../../platform/base/bad-settings.ts'

export interface GivenFiles {
  certFile: string
  keyFile: string
}

const lookEveryMs = 5_000

/** Throws if certificate and key do not match: no client could connect. */
export async function readGivenCertificate({ certFile, keyFile }: GivenFiles): Promise<IssuedPems> {
  const [certificatePem, privateKeyPem] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')])
  const certificate = orBad(() => new X509Certificate(certificatePem), `${certFile}: not a certificate in PEM`)
  const key = orBad(() => createPrivateKey(privateKeyPem), `${keyFile}: not a private key in PEM without a password`)
  if (!certificate.checkPrivateKey(key)) throw new BadSettings([`${keyFile} is not the key of ${certFile}`])
  return { certificatePem, privateKeyPem }
}

function orBad<T>(read: () => T, line: string): T {
  try {
    return read()
  } catch (error) {
    throw new BadSettings([line], { cause: error })
  }
}

/**
 * Polls every few seconds, which also notices files that are replaced by a rename or a symbolic link. While certificate
 * and key do not match, because only one was replaced yet, the old pair stays in use.
 */
export function watchCertificate(
  files: GivenFiles | null,
  { log, onChange }: { log: Logger; onChange(changed: IssuedPems): Promise<void> },
): () => void {
  if (!files) return () => undefined
  const reload = async () => {
    try {
      await onChange(await readGivenCertificate(files))
      log.info({ file: files.certFile }, 'server certificate reloaded')
    } catch (error) {
      log.warn({ err: error }, 'server certificate not reloaded; the previous one stays in use')
    }
  }
  const paths = [files.certFile, files.keyFile]
  for (const path of paths) watchFile(path, { interval: lookEveryMs, persistent: false }, () => void reload())
  return () => {
    for (const path of paths) unwatchFile(path)
  }
}
