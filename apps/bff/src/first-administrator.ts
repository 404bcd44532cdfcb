import { recordEvent } from './audit/store.ts'
import { type Clock, timestamp } from './base/clock.ts'
import { newId } from './base/id.ts'
import { oneTimePassword } from './base/secret.ts'
import type { Db } from './db/open.ts'
import { hashPassword } from './passwords/hashing.ts'
import { insertBuiltInRoles } from './roles/built-in.ts'
import { hasUsers, insertUser } from './users/store.ts'

export interface FirstSignIn {
  username: string
  /** To be printed once; null when the settings gave one. */
  generatedPassword: string | null
}

/** At the very first start: the built-in roles and one administrator. Null at every later one. */
export async function ensureFirstAdministrator(
  { db, clock }: { db: Db; clock: Clock },
  { username, password }: { username: string; password: string | null },
): Promise<FirstSignIn | null> {
  if (await hasUsers(db)) return null
  const firstPassword = password ?? oneTimePassword()
  const passwordHash = await hashPassword(firstPassword)
  await db.transaction().execute(async (trx) => {
    const adminRole = await insertBuiltInRoles(trx, clock)
    const id = newId(clock.now())
    await insertUser(trx, {
      id,
      username,
      displayName: null,
      kind: 'person',
      identityProvider: 'local',
      grantTypes: [
        { method: 'password', isRequired: false },
        { method: 'token', isRequired: false },
      ],
      roles: [adminRole],
      permissions: [],
      mqttPublishPrefix: null,
      passwordHash,
      mfaRequired: false,
      mustChangePassword: password === null,
      disabledAt: null,
      createdAt: timestamp(clock),
      version: 1,
    })
    await recordEvent(trx, clock, {
      action: 'installation.created',
      actor: { userId: null, username: null, via: 'system', address: null },
      target: { type: 'user', id, name: username },
    })
  })
  return { username, generatedPassword: password === null ? firstPassword : null }
}
