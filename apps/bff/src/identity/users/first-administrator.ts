import { insertBuiltInRoles } from '../../access/roles/built-in.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { oneTimePassword } from '../../platform/base/secret.ts'
import type { Db } from '../../platform/db/open.ts'
import { defaultPolicies } from '../../platform/policies/store.ts'
import { hashPassword } from '../passwords/hashing.ts'
import { findBrokenRule } from '../passwords/policy.ts'
import { insertUsers } from './insert-store.ts'
import { hasUsers } from './store.ts'

export interface FirstSignIn {
  username: string
  /** Printed once. Null if the settings gave a password. */
  generatedPassword: string | null
}

/** Adds the built-in roles and one administrator at the first start. Returns null at later starts. */
export async function ensureFirstAdministrator(
  { db, clock }: { db: Db; clock: Clock },
  { username, password }: { username: string; password: string | null },
): Promise<FirstSignIn | null> {
  // Checked before hashing and again in the transaction, because another process may start at the same moment.
  if (await hasUsers(db)) return null
  if (password !== null) requireGood(password, username)
  const firstPassword = password ?? oneTimePassword()
  const passwordHash = await hashPassword(firstPassword)
  const isFirst = await db.transaction().execute(async (trx) => {
    if (await hasUsers(trx)) return false
    const adminRole = await insertBuiltInRoles(trx, clock)
    const id = newId(clock.now())
    await insertUsers(trx, [
      {
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
        tags: [],
        passwordHash,
        mfaRequired: false,
        mustChangePassword: password === null,
        disabledAt: null,
        createdAt: timestamp(clock),
        version: 1,
      },
    ])
    await recordEvent(trx, clock, {
      action: 'installation.created',
      actor: { userId: null, username: null, via: 'system', address: null },
      target: auditTarget.user({ id, username }),
    })
    return true
  })
  return isFirst ? { username, generatedPassword: password === null ? firstPassword : null } : null
}

/** The policy for passwords holds for the first administrator too. */
function requireGood(password: string, username: string): void {
  const policy = defaultPolicies.password
  const broken = findBrokenRule(policy, password, username)
  if (!broken) return
  const rule = `at least ${policy.min} characters, not a common password, not the username`
  throw new BadSettings([`GATEHOUSE_ADMIN_PASSWORD: ${rule} (${broken})`])
}
