/** An authority of a plant and the certificates of its machines: the same for both sides. */
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing'

export interface Identity {
  username: string
  /** Made once: a client that reads its key for each connection measures itself. */
  secureContext: SecureContext
  /** The same for another thread, which cannot be handed a context. */
  pems: { username: string; cert: string; key: string }
}

export interface Plant {
  authority: Issued
  machines: Identity[]
  folder: string
  authorityFile: string
}

/** ECDSA P-256 throughout. */
export async function makePlant(machineCount: number): Promise<Plant> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-plant-'))
  const authority = makeAuthority({ subject: 'Bench Plant CA' })
  const authorityFile = join(folder, 'authority.crt')
  await writeFile(authorityFile, authority.certificatePem)
  const machines = Array.from({ length: machineCount }, (_, at) => makeMachine(authority, `bench-machine-${at}`))
  return { authority, machines, folder, authorityFile }
}

/** What all sides know: ours would agree on X25519 and ML-KEM, which is more work than the others are asked for. */
export const ecdhCurve = 'X25519'

function makeMachine(authority: Issued, username: string): Identity {
  const { certificatePem: cert, privateKeyPem: key } = issue(authority, { subject: username })
  return { username, secureContext: createSecureContext({ cert, key, ecdhCurve }), pems: { username, cert, key } }
}

/** A certificate for the servers that have none of their own, as files. */
export async function makeServerCertificate({ authority, folder }: Plant): Promise<{ cert: string; key: string }> {
  const server = issue(authority, { subject: 'localhost', extendedKeyUsage: ['serverAuth'] })
  const files = { cert: join(folder, 'server.crt'), key: join(folder, 'server.key') }
  await writeFile(files.cert, server.certificatePem)
  await writeFile(files.key, server.privateKeyPem)
  return files
}
