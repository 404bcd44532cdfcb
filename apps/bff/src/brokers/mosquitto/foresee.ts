/** Whose connections a change would end on one Mosquitto, before it is made. */
import { toPem } from '@gatehouse/pki/read/certificate'
import type { DecisionUser } from '../../access/decision/facts.ts'
import { type TrustChange, trustedAfter } from '../../certificates/trust/changes.ts'
import type { ForeseenUser } from '../../identity/users/context.ts'
import type { ForeseenChange } from '../inventory/adapter.ts'
import { revokesOthers } from './crl-file.ts'
import type { CompiledClient, DynsecClient } from './desired-state.ts'
import { takesAcls } from './dynsec-plan.ts'
import { type CurrentCrl, compileTrust, type TrustedCa } from './trust-state.ts'

/** `usernames`: the users concerned. */
export type ForeseenEnding = { ends: 'nothing' | 'all' } | { ends: 'concerned'; usernames: string[] }

/** The facts of the console, as this Mosquitto uses them. */
export interface Sight {
  findUsersById(ids: readonly string[]): Promise<ReadonlyMap<string, DecisionUser>>
  compile(user: DecisionUser): CompiledClient
  /** Null: CAs are not written there. */
  readTrust(): Promise<{
    authorities: readonly TrustedCa[]
    crls: readonly CurrentCrl[]
    usesCrls: boolean
    at: Date
    /** The key of the built-in authority. */
    ownKey: string | null
  } | null>
}

const nothing: ForeseenEnding = { ends: 'nothing' }

export async function foreseeEnding(sight: Sight, change: ForeseenChange): Promise<ForeseenEnding> {
  if ('users' in change) return concerned(await losers(sight, change.users))
  const { trust, username } = change
  return 'revoke' in trust
    ? foreseeRevocation(sight, { issuerKey: trust.revoke.issuerKey, username })
    : foreseeTrust(sight, trust)
}

function concerned(usernames: string[]): ForeseenEnding {
  return usernames.length === 0 ? nothing : { ends: 'concerned', usernames }
}

const usersAtOnce = 50

/** The users whose connections the commands of the change end. */
async function losers(sight: Sight, users: readonly ForeseenUser[]): Promise<string[]> {
  const found: string[] = []
  for (let at = 0; at < users.length; at += usersAtOnce) {
    const slice = users.slice(at, at + usersAtOnce)
    const stored = await sight.findUsersById(slice.map(({ userId }) => userId))
    for (const { userId, facts } of slice) {
      const now = stored.get(userId)
      const before = now && clientOf(sight.compile(now))
      if (!now || !before) continue
      const { credential, passwordEndsAt, confirmations } = now
      const after = facts && clientOf(sight.compile({ ...facts, credential, passwordEndsAt, confirmations }))
      if (!after || loses(before, after)) found.push(before.username)
    }
  }
  return found
}

function clientOf(compiled: CompiledClient): DynsecClient | null {
  return compiled && 'client' in compiled ? compiled.client : null
}

function loses(before: DynsecClient, after: DynsecClient): boolean {
  return (
    before.username !== after.username ||
    (before.passwordTag !== null && before.passwordTag !== after.passwordTag) ||
    takesAcls(before, after.acls)
  )
}

async function foreseeTrust(sight: Sight, change: Exclude<TrustChange, { revoke: unknown }>): Promise<ForeseenEnding> {
  const trust = await sight.readTrust()
  if (!trust) return nothing
  const { authorities, crls, usesCrls } = trust
  if ('list' in change) {
    const { issuerKey, scope, der } = change.list
    const isUsed = usesCrls && scope === '' && authorities.some(({ keyFingerprint }) => keyFingerprint === issuerKey)
    const before = crls.find((crl) => crl.issuerKey === issuerKey)
    return isUsed && before && (await revokesOthers(before.pem, toPem('X509 CRL', der))) ? { ends: 'all' } : nothing
  }
  const kept = new Set((await compileTrust(trustedAfter(authorities, change), trust)).authorities.map(({ pem }) => pem))
  const isTaken = (await compileTrust(authorities, trust)).authorities.some(({ pem }) => !kept.has(pem))
  return isTaken ? { ends: 'all' } : nothing
}

/** Of a foreign CA, the rights of the user are taken. Without a name nothing is. */
async function foreseeRevocation(
  sight: Sight,
  { issuerKey, username }: { issuerKey: string; username: string | null },
): Promise<ForeseenEnding> {
  const trust = await sight.readTrust()
  if (!trust?.authorities.some(({ keyFingerprint }) => keyFingerprint === issuerKey)) return nothing
  if (username !== null) return concerned([username])
  return trust.usesCrls && trust.ownKey === issuerKey ? { ends: 'all' } : nothing
}
