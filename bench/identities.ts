/** A CA and device certificates that all sides use. */
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'

export interface Identity {
  username: string
  /** Made once: reading the key for each connection would measure the client. */
  secureContext: SecureContext
  /** The same as PEM, for another thread. */
  pems: { username: string; cert: string; key: string }
}

export interface Plant {
  authority: Issued
  machines: Identity[]
  folder: string
  authorityFile: string
}

/** All keys are ECDSA P-256. */
export async function makePlant(machineCount: number): Promise<Plant> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-plant-'))
  const authority = makeAuthority({ subject: 'Bench Plant CA' })
  const authorityFile = join(folder, 'authority.crt')
  await writeFile(authorityFile, authority.certificatePem)
  const machines = Array.from({ length: machineCount }, (_, at) => makeMachine(authority, `bench-machine-${at}`))
  return { authority, machines, folder, authorityFile }
}

/** A group that all sides support. Ours would choose X25519MLKEM768, which costs more. */
export const ecdhCurve = 'X25519'

function makeMachine(authority: Issued, username: string): Identity {
  const { certificatePem: cert, privateKeyPem: key } = issue(authority, { subject: username })
  return { username, secureContext: createSecureContext({ cert, key, ecdhCurve }), pems: { username, cert, key } }
}

/** A server certificate for the other sides, as files. */
export async function makeServerCertificate({ authority, folder }: Plant): Promise<{ cert: string; key: string }> {
  const server = issue(authority, { subject: 'localhost', extendedKeyUsage: ['serverAuth'] })
  const files = { cert: join(folder, 'server.crt'), key: join(folder, 'server.key') }
  await writeFile(files.cert, server.certificatePem)
  await writeFile(files.key, server.privateKeyPem)
  return files
}
