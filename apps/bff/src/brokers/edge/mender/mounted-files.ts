/** Reads the certificates that are mounted for Mender's mTLS ambassador. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type GivenFiles, readGivenCertificate } from '../../../certificates/built-in-authority/given-certificate.ts'
import { BadSettings } from '../../../platform/base/bad-settings.ts'

/** More are no mount for one tenant. */
const maxFiles = 20
const maxFileBytes = 256 * 1_024

export interface MountedFiles {
  server: { certificate: string; key: string }
  tenant: { file: string; pem: string }[]
}

/** Throws `BadSettings` with the path of the file that is missing, too large, or not what it should be. */
export async function readMounts(folder: string): Promise<MountedFiles> {
  return { server: await readServerPair(serverFiles(folder)), tenant: await readTenant(folder) }
}

/** Where the server certificate and its key are. */
export function serverFiles(folder: string): GivenFiles {
  return { certFile: join(folder, 'server', 'server.crt'), keyFile: join(folder, 'server', 'server.key') }
}

async function readServerPair({ certFile, keyFile }: GivenFiles): Promise<MountedFiles['server']> {
  await requireReadable(certFile)
  await requireReadable(keyFile)
  const { certificatePem: certificate, privateKeyPem: key } = await readGivenCertificate({ certFile, keyFile })
  return { certificate, key }
}

/** `tenant.ca.pem`, and further CAs beside it. */
export async function readTenant(certificates: string): Promise<MountedFiles['tenant']> {
  const folder = join(certificates, 'tenant-ca')
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    refuse(folder, error.code ?? 'unreadable'),
  )
  // Kubernetes adds folders whose names begin with two dots.
  const files = names.filter((name) => /^[^.].*\.(pem|crt)$/.test(name)).toSorted()
  if (files.length === 0) return refuse(folder, 'no file with the name *.pem or *.crt')
  if (files.length > maxFiles) return refuse(folder, `more than ${maxFiles} files`)
  const tenant: MountedFiles['tenant'] = []
  for (const file of files.map((name) => join(folder, name))) {
    await requireReadable(file)
    tenant.push({ file, pem: await readFile(file, 'utf8') })
  }
  return tenant
}

async function requireReadable(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => refuse(file, error.code ?? 'unreadable'))
  if (!found.isFile()) refuse(file, 'not a file')
  if (found.size > maxFileBytes) refuse(file, `larger than ${maxFileBytes} bytes`)
  await readFile(file).catch((error: NodeJS.ErrnoException) => refuse(file, error.code ?? 'unreadable'))
}

function refuse(path: string, why: string): never {
  throw new BadSettings([`MTLS_MENDER_BACKEND needs ${path}: ${why}`])
}
