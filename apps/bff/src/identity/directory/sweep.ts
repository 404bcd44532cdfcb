/**
 * Brings the users of a directory up to date: a user who is disabled or deleted there is disabled here, and roles follow the groups. Without
 * it, tokens and MQTT connections of a person who left would go on until the next sign-in, which never comes.
 */
import type { SweepResult } from '@gatehouse/contract/identity/providers'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Actor } from '../../platform/http/request.ts'
import { findIdentities, type IdentityRow, listUnseenSince, markSeen } from '../identities/store.ts'
import { boundedGroups, oneLine } from '../providers/bounded-account.ts'
import { findCurrent } from '../providers/current.ts'
import { disableFromProvider, type Provisioned, provision } from '../providers/provision.ts'
import type { UsersContext } from '../users/context.ts'
import type { Listed } from './list-people.ts'
import type { LdapProvider, OpenDirectories } from './open-directories.ts'
import type { FoundPerson } from './people.ts'

export type SweepContext = UsersContext & { directories: OpenDirectories }

const actor: Actor = { userId: null, username: null, via: 'machine', address: null }
const usersInSlice = 20
/** Enough for half a million persons who all get a role. */
export const longestSweepMs = 15 * 60_000

/**
 * Rejects with `DirectoryFault` where the directory did not name everybody. Then nobody is disabled for being absent.
 *
 * @param hasNewMappings Applies the mappings to everybody, not only to those whose groups changed.
 */
export async function sweepDirectory(
  context: SweepContext,
  provider: LdapProvider,
  { hasNewMappings }: { hasNewMappings: boolean },
): Promise<SweepResult> {
  const { reader, clock, directories } = context
  const since = timestamp(clock)
  const result: SweepResult = { people: 0, changed: 0, disabled: 0 }
  const loaded = await directories.load()
  result.people = await loaded.list<IdentityRow>(provider, {
    now: clock.now(),
    withinMs: longestSweepMs,
    known: async (subjects) => {
      const rows = await findIdentities(reader, { providerId: provider.id, subjects })
      return new Map(rows.map((row) => [row.subject, row]))
    },
    take: (people) => takeSlice(context, { provider, people, hasNewMappings, result }),
  })
  await disableUnseen(context, { provider, since, result })
  return result
}

interface Taking {
  provider: LdapProvider
  people: readonly Listed<IdentityRow>[]
  hasNewMappings: boolean
  result: SweepResult
}

async function takeSlice(context: SweepContext, { provider, people, hasNewMappings, result }: Taking): Promise<void> {
  const { db, clock, enforcers } = context
  const changed = people.filter(({ found, known }) => hasNewMappings || !isSame(known, found))
  const same = people.filter((person) => !changed.includes(person))
  const yieldIfDue = createYielder()
  const sequences = await db.transaction().execute(async (trx) => {
    await markSeen(
      trx,
      same.map(({ known }) => known.id),
      timestamp(clock),
    )
    const all: number[] = []
    for (const { found } of changed) {
      const made = await provision(trx, context, { account: { provider, ...found }, actor, isSignIn: false })
      requireKnown(made)
      if (made.sequences.length > 0) result.changed++
      if (made.outcome === 'refused' && made.sequences.length > 0) result.disabled++
      all.push(...made.sequences)
      await yieldIfDue()
    }
    return all
  })
  if (sequences.length > 0) await enforcers.waitFor(sequences)
}

/** Ends the sweep where the provider was changed meanwhile: persons whom it refuses must not count as absent. */
function requireKnown(made: Provisioned): void {
  const isOfProvider = made.outcome === 'refused' && ['unknown_provider', 'provider_unavailable'].includes(made.code)
  if (isOfProvider) throw new Problem(made.code)
}

/** Would bringing the user up to date change anything? */
function isSame(known: IdentityRow, found: FoundPerson): boolean {
  if (found.isDisabled) return known.disabled_at !== null
  const groups = known.is_origin === 1 ? boundedGroups(found.groups) : null
  const hasSameGroups = groups === null || known.source_groups === JSON.stringify(groups)
  return known.disabled_at === null && known.label === oneLine(found.username) && hasSameGroups
}

interface Unseen {
  provider: LdapProvider
  since: string
  result: SweepResult
}

async function disableUnseen(context: SweepContext, unseen: Unseen): Promise<void> {
  for (let after: string | null = ''; after !== null; ) after = await disableSlice(context, unseen, after)
}

/** Returns the id of the last identity of the slice; null if there was none. */
async function disableSlice(context: SweepContext, unseen: Unseen, after: string): Promise<string | null> {
  const { provider, since, result } = unseen
  const { db, reader, enforcers, directories } = context
  const page = { providerId: provider.id, since, after, limit: usersInSlice }
  const asked = await listUnseenSince(reader, page)
  const last = asked.at(-1)
  if (!last) return null
  const subjects = asked.map(({ subject }) => subject)
  const absent = await (await directories.load()).absent(provider, subjects)
  const yieldIfDue = createYielder()
  const sequences = await db.transaction().execute(async (trx) => {
    const current = await findCurrent(trx, provider)
    if (typeof current === 'string') throw new Problem(current)
    // Read again: a person may have signed in meanwhile.
    const gone = (await listUnseenSince(trx, page)).filter(({ subject }) => absent.has(subject))
    const all: number[] = []
    for (const identity of gone) {
      const made = await disableFromProvider(trx, context, { identity, actor })
      // A user whom an administrator had disabled does not change.
      if (made.length > 0 || identity.is_origin !== 1) {
        result.changed++
        result.disabled++
      }
      all.push(...made)
      await yieldIfDue()
    }
    return all
  })
  if (sequences.length > 0) await enforcers.waitFor(sequences)
  return last.id
}
