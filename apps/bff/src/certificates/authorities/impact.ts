/**
 * What a change of an authority ends: live connections, as the broker counts them, and the access of users whose last
 * certificate relied on it. Clients with the same signer and the same intermediates share a chain. Up to three examples
 * of each chain are judged with the function that admits clients, as things are and as they would be. The first valid
 * example stands for its chain, so the numbers are estimates: they are wrong for a certificate with a fault of its own,
 * such as a name constraint that only its name breaks. Each user's name, limits and rights are judged exactly.
 */
import type { AuthorityImpact } from '@gatehouse/contract/certificates/impact'
import { readPresented } from '@gatehouse/pki/read/certificate'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { choosePath, type LimitedPath, type LimitedUser } from '../../access/decision/authority-limits.ts'
import { permissionsOfUsers } from '../../identity/users/rights-store.ts'
import type { Db } from '../../platform/db/open.ts'
import { findExamples, type LastAdmitted, listLastAdmitted } from '../seen/last-admitted-store.ts'
import type { AuthorityChange } from '../trust/changes.ts'
import { confirmationsOf, listLimited } from './confirmations-store.ts'
import type { AuthoritiesContext } from './context.ts'
import { findAuthorities } from './store.ts'
import { readCeilings } from './unconfirmed.ts'

type Context = Pick<AuthoritiesContext, 'reader' | 'clock' | 'enforcers'>
type LastAdmittedImpact = AuthorityImpact['lastAdmitted']

const readAtOnce = 1_000
/** More than one, because an example may be invalid for its own reasons. */
const examplesOfEach = 3
/** Few enough for the broker to judge within its two seconds. */
const mostChains = 1_000
const maxNames = 100
const usersAtOnce = 500

export async function impactOfAuthority(
  context: Context,
  { fingerprint, change }: { fingerprint: string; change: AuthorityChange },
): Promise<AuthorityImpact> {
  const [ended, lastAdmitted] = await Promise.all([
    context.enforcers.impactOnAuthority(fingerprint, change),
    impactOnLastAdmitted(context, fingerprint, change),
  ])
  return { ...ended, lastAdmitted }
}

async function impactOnLastAdmitted(
  context: Context,
  fingerprint: string,
  change: AuthorityChange,
): Promise<LastAdmittedImpact> {
  const admitted = await readLastAdmitted(context, fingerprint)
  const vouching = await judgeChains(context, {
    fingerprint,
    change,
    chains: new Set(admitted.map(({ chain }) => chain)),
  })
  if (vouching === null) return null
  const judge = await makeJudge(context, admitted, vouching)
  const cutOff: string[] = []
  const still = new Map<string, number>()
  let users = 0
  for (const one of admitted) {
    const { before, after } = vouching.get(one.chain) ?? nobody
    // A user who cannot connect now loses nothing.
    if (!judge(one, before)) continue
    users++
    const way = judge(one, after)
    if (!way) cutOff.push(one.username)
    else if (way.authority !== fingerprint) still.set(way.authority, (still.get(way.authority) ?? 0) + 1)
  }
  return {
    users,
    cutOff: cutOff.length,
    usernames: cutOff.toSorted().slice(0, maxNames),
    stillVouchedForBy: await named(context, still),
  }
}

async function readLastAdmitted({ reader, clock }: Context, authority: string): Promise<LastAdmitted[]> {
  const yieldIfDue = createYielder()
  const now = clock.now()
  const all: LastAdmitted[] = []
  for (let after = ''; ; after = all.at(-1)?.fingerprint ?? '') {
    const some = await listLastAdmitted(reader, { authority, now, after, limit: readAtOnce })
    all.push(...some)
    if (some.length < readAtOnce) return all
    await yieldIfDue()
  }
}

interface Judged {
  before: LimitedPath[]
  after: LimitedPath[]
}

const nobody: Judged = { before: [], after: [] }

async function judgeChains(
  { reader, clock, enforcers }: Context,
  asked: { fingerprint: string; change: AuthorityChange; chains: ReadonlySet<string> },
): Promise<Map<string, Judged> | null> {
  const { fingerprint: authority, change } = asked
  const chains = [...asked.chains]
  if (chains.length === 0) return new Map()
  if (chains.length > mostChains) return null
  const examples: Uint8Array[][][] = []
  for (const chain of chains) {
    const pems = await findExamples(reader, { authority, chain, now: clock.now(), limit: examplesOfEach })
    examples.push(pems.map(readPresented))
  }
  const judged = await enforcers.pathsAfter(authority, { change, examples })
  return judged && new Map(chains.map((chain, at) => [chain, judged[at] ?? nobody]))
}

type Judge = (one: LastAdmitted, ways: readonly LimitedPath[]) => LimitedPath | null

/** Judges like the broker. Reads the rights of users only if an authority on a path is limited. */
async function makeJudge(
  { reader }: Context,
  admitted: readonly LastAdmitted[],
  vouching: ReadonlyMap<string, Judged>,
): Promise<Judge> {
  const ceilings = await readCeilings(reader, await listLimited(reader))
  const isLimited = ({ limits }: LimitedPath) => limits.some(({ authority }) => ceilings.has(authority))
  const concerned = admitted.filter(({ chain }) => {
    const { before, after } = vouching.get(chain) ?? nobody
    return [...before, ...after].some(isLimited)
  })
  const users = await readVouched(reader, [...new Set(concerned.map(({ userId }) => userId))])
  return ({ userId, username }, ways) => choosePath(ways, username, { user: users.get(userId) ?? null, ceilings }).path
}

async function readVouched(reader: Db, userIds: readonly string[]): Promise<Map<string, LimitedUser>> {
  const yieldIfDue = createYielder()
  const users = new Map<string, LimitedUser>()
  for (let at = 0; at < userIds.length; at += usersAtOnce) {
    const some = userIds.slice(at, at + usersAtOnce)
    const rights = await permissionsOfUsers(reader, some)
    const confirmations = await confirmationsOf(reader, some)
    for (const id of some)
      users.set(id, { permissions: rights.get(id) ?? [], confirmations: confirmations.get(id) ?? [] })
    await yieldIfDue()
  }
  return users
}

async function named({ reader }: Context, still: ReadonlyMap<string, number>) {
  const found = await findAuthorities(reader, [...still.keys()])
  return found
    .map(({ certificate: { fingerprint }, name }) => ({ fingerprint, name, users: still.get(fingerprint) ?? 0 }))
    .toSorted((a, b) => b.users - a.users)
}
