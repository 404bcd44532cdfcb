/** Devices for tests of the real application: a user, a certificate of a trusted CA, and a connection to the broker. */

import type { Permission } from '@gatehouse/contract/access/permission'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import type { Issued } from '@gatehouse/pki/testing/certificates'
import type { TestApp } from './app.ts'
import { connectClient, type RawClient } from './mqtt-client.ts'

export async function trust(app: TestApp, authority: Issued, usernames: string[] = []): Promise<void> {
  const body = { certificates: authority.certificatePem, usernames }
  await (await app.as('admin'))(authorities.create, { body })
}

export async function addMachine(app: TestApp, username: string, permissions: Permission[] = []): Promise<string> {
  const grantTypes = [{ method: 'certificate' as const }]
  const made = await (await app.as('admin'))(users.create, { body: { username, grantTypes, permissions } })
  return made.id
}

/** Connects with this certificate and does not wait for CONNACK. */
export function connectMachine(app: TestApp, tls: Issued): Promise<RawClient> {
  return connectClient(Number(new URL(app.started.mqttsUrl ?? '').port), { tls })
}
