/** The enrolment: makes a key, and exchanges the token for a certificate. */
import { hostname } from 'node:os'
import { readEnrolmentToken } from '@gatehouse/contract/brokers/enforcer-protocol'
import { armour, makeClientRequest } from '@gatehouse/pki/make/client-request'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import type { ProxyEnvironment } from '../../platform/outbound/outbound-fetch.ts'
import { ConsoleClient } from './console-client.ts'
import type { Identity, IdentityFile, Pending } from './identity.ts'
import { fetchPinnedAuthority } from './pinned-authority.ts'

interface Enrolment {
  /** `https://host:port` */
  console: string
  token: string
  /** Of this program. */
  version: string
  proxy?: ProxyEnvironment
}

/** Returns the identity after it is stored. The same token and key may be sent again, if the answer was lost. */
export async function enrol(
  file: IdentityFile,
  { console: url, token, version, proxy = {} }: Enrolment,
): Promise<Identity> {
  const read = readEnrolmentToken(token)
  if (!read) throw new BadSettings(['GATEHOUSE_AGENT_TOKEN: not an enrolment token; the console shows one as ghe_…'])
  const authority = await fetchPinnedAuthority(url, { fingerprint: read.authorityFingerprint, proxy })
  const pending = await keyFor(file, read.secret)
  const client = new ConsoleClient({ console: url, authority }, proxy)
  try {
    const { secret, csr, key } = pending
    const answer = await client.enrol({ secret, csr, host: hostname(), version })
    const { enforcerId, brokerName, certificate } = answer
    const identity = { enforcerId, brokerName, console: url, certificate, key, authority }
    await file.write(identity)
    return identity
  } finally {
    client.close()
  }
}

interface Renewal {
  client: ConsoleClient
  /** Fingerprint of the CA that shall issue it. Left out: the console is of an earlier version. */
  authority?: string | undefined
}

/** Asks for a certificate of another key. The present one works until the new one is used. */
export async function renew(file: IdentityFile, identity: Identity, { client, authority }: Renewal): Promise<Identity> {
  const { key, csr } = await makeKey()
  const certificate = await client.renew({ csr, ...(authority !== undefined && { authority }) })
  const renewed = { ...identity, key, certificate }
  await file.write(renewed)
  return renewed
}

async function keyFor(file: IdentityFile, secret: string): Promise<Pending> {
  const before = await file.readPending()
  if (before?.secret === secret) return before
  const pending = { secret, ...(await makeKey()) }
  await file.writePending(pending)
  return pending
}

async function makeKey(): Promise<{ key: string; csr: string }> {
  // The console does not read the name.
  const { request, privateKey } = await makeClientRequest('ECDSA P-256', 'gatehouse-agent')
  return { key: armour('PRIVATE KEY', privateKey), csr: armour('CERTIFICATE REQUEST', request) }
}
