/**
 * An authority must not grant more than the person who limited it may do. When a change gives a user more
 * rights than that person has, the caller of the change has to confirm or decline the authority for this user. Runs in the
 * transaction of the change.
 */
import type { Answered } from '@gatehouse/contract/certificates/confirmations'
import { createYielder } from '@gatehouse/pki/read/yielder'
import type { AuthorityLimitsPort } from '../../access/roles/authority-limits-port.ts'
import { requireCover } from '../../access/roles/limits.ts'
import { permissionsOfUsers } from '../../identity/users/rights-store.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { dropConfirmation, keepConfirmation, type LimitedAuthority } from './confirmations-store.ts'
import { findUnconfirmed, keyOf, mostConfirmed, type Pair } from './unconfirmed.ts'

const mostNamed = 10
const atOnce = 500

export function makeVouching(clock: Clock): AuthorityLimitsPort {
  return {
    look: async (trx, concerned) => {
      const { unconfirmed, limiters } = await findUnconfirmed(trx, concerned)
      return { unconfirmed: new Set(unconfirmed.keys()), limiters }
    },
    settle: async (trx, { concerned, before, answered, ...by }) => {
      const found = await findUnconfirmed(trx, concerned, before)
      const all = [...found.unconfirmed.values()]
      const fresh = all.filter((pair) => !before.unconfirmed.has(keyOf(pair)))
      requireAnswers(fresh, answered)
      for (const { authority, user } of found.outdated.values())
        await dropConfirmation(trx, authority.fingerprint, user.id)
      // A change of a role confirms only users who were confirmed before it. A declined user needs a change of that user.
      const named = 'users' in concerned ? new Set(concerned.users) : null
      const answerable = all.filter((pair) => named?.has(pair.user.id) || !before.unconfirmed.has(keyOf(pair)))
      await keepConfirmed(trx, clock, { pairs: among(answerable, answered.confirm), ...by })
      await dropDeclined(trx, clock, { pairs: among([...found.confirmed.values()], answered.decline), ...by })
      return { concernsTrust: found.limiters.size > 0 }
    },
  }
}

function among(pairs: readonly Pair[], fingerprints: readonly string[] = []): Pair[] {
  const named = new Set(fingerprints)
  return pairs.filter(({ authority }) => named.has(authority.fingerprint))
}

/** Throws `authority_unconfirmed` with the authorities for which the caller decided nothing. */
function requireAnswers(fresh: readonly Pair[], { confirm = [], decline = [] }: Answered): void {
  const answered = new Set([...confirm, ...decline])
  const open = fresh.filter(({ authority }) => !answered.has(authority.fingerprint))
  const tooMany = among(fresh, confirm).length > mostConfirmed
  if (open.length === 0 && !tooMany) return
  throw new Problem('authority_unconfirmed', {
    ...(tooMany && { detail: `More than ${mostConfirmed} users: take over the limit of the authority instead` }),
    facts: { authorities: describe(tooMany ? fresh : open) },
  })
}

function describe(pairs: readonly Pair[]) {
  return [...byAuthority(pairs)].map(([{ fingerprint, name }, own]) => ({
    fingerprint,
    name,
    users: own.length,
    usernames: namesOf(own).slice(0, mostNamed),
  }))
}

async function keepConfirmed(trx: Trx, clock: Clock, { pairs, caller, request }: By & { pairs: readonly Pair[] }) {
  const yieldIfDue = createYielder()
  const confirmedAt = timestamp(clock)
  for (let at = 0; at < pairs.length; at += atOnce) {
    const slice = pairs.slice(at, at + atOnce)
    const rights = await permissionsOfUsers(trx, [...new Set(slice.map(({ user }) => user.id))])
    for (const { authority, user } of slice) {
      const permissions = rights.get(user.id) ?? []
      requireCover(caller.permissions, permissions)
      const { fingerprint } = authority
      await keepConfirmation(trx, {
        fingerprint,
        userId: user.id,
        permissions,
        confirmedBy: caller.username,
        confirmedAt,
      })
      await yieldIfDue()
    }
  }
  await record(trx, clock, { action: 'authority.confirmed', pairs, caller, request })
}

async function dropDeclined(trx: Trx, clock: Clock, { pairs, caller, request }: By & { pairs: readonly Pair[] }) {
  const yieldIfDue = createYielder()
  for (const { authority, user } of pairs) {
    const rights = await permissionsOfUsers(trx, [user.id])
    requireCover(caller.permissions, rights.get(user.id) ?? [])
    await dropConfirmation(trx, authority.fingerprint, user.id)
    await yieldIfDue()
  }
  await record(trx, clock, { action: 'authority.declined', pairs, caller, request })
}

interface Recorded extends By {
  action: 'authority.confirmed' | 'authority.declined'
  pairs: readonly Pair[]
}

/** Records one event per authority, with the name of the first of its users. */
async function record(trx: Trx, clock: Clock, { action, pairs, caller, request }: Recorded): Promise<void> {
  const mostInEvent = 100
  for (const [{ fingerprint, name }, own] of byAuthority(pairs)) {
    await recordEvent(trx, clock, {
      action,
      actor: actorOf(caller, request),
      target: auditTarget.authority({ fingerprint, name }),
      after: { users: own.length, usernames: namesOf(own).slice(0, mostInEvent) },
    })
  }
}

function byAuthority(pairs: readonly Pair[]): Map<LimitedAuthority, Pair[]> {
  return Map.groupBy(pairs, ({ authority }) => authority)
}

function namesOf(pairs: readonly Pair[]): string[] {
  return pairs.map(({ user }) => user.username).toSorted()
}
