/** What a change would end on all brokers, before it is made. */
import type { BrokerImpact } from '@gatehouse/contract/base'
import { embeddedBrokerId } from '@gatehouse/contract/brokers/inventory'
import type { TrustImpact } from '@gatehouse/contract/certificates/impact'
import type { UserImpact } from '@gatehouse/contract/identity/users'
import type { TrustImpact as EmbeddedImpact, TrustChange } from '../../certificates/trust/changes.ts'
import { type ForeseenUser, mostForeseen, type OriginChange } from '../../identity/users/context.ts'
import type { Broker } from '../embedded/start-broker.ts'
import type { BrokerSet } from './broker-set.ts'

export async function impactOnUsers(
  { broker, brokers }: { broker: Pick<Broker, 'impactOnUser'>; brokers: BrokerSet },
  users: readonly ForeseenUser[],
): Promise<Pick<UserImpact, 'connections' | 'connectionsByBroker'>> {
  const [connections, others] = await Promise.all([
    sumUntilNull(users, ({ userId, facts }) => broker.impactOnUser(userId, facts)),
    brokers.foresee({ users }),
  ])
  return { connections, connectionsByBroker: [embeddedImpact(connections), ...others] }
}

/** Users whose identity provider would be disabled. For more than `mostForeseen` no broker is called. */
export async function impactOnOrigin(
  { broker, brokers }: { broker: Pick<Broker, 'impactOnOrigin'>; brokers: Pick<BrokerSet, 'foresee'> },
  { slices, keepsCertificates }: OriginChange,
): Promise<Pick<UserImpact, 'connections' | 'connectionsByBroker'>> {
  const known = await readForeseen(slices)
  if (!known) return { connections: null, connectionsByBroker: [] }
  // Other brokers treat a disabled user as a deleted one. They have no passwords of a provider.
  const removed = keepsCertificates ? [] : known.flat().map((userId) => ({ userId, facts: null }))
  const ends = (userIds: readonly string[]) => broker.impactOnOrigin({ userIds, keepsCertificates })
  const [connections, others] = await Promise.all([sumUntilNull(known, ends), brokers.foresee({ users: removed })])
  return { connections, connectionsByBroker: [embeddedImpact(connections), ...others] }
}

/** Null: more than `mostForeseen`. */
async function readForeseen(slices: OriginChange['slices']): Promise<(readonly string[])[] | null> {
  const known: (readonly string[])[] = []
  let count = 0
  for await (const userIds of slices) {
    count += userIds.length
    if (count > mostForeseen) return null
    if (userIds.length > 0) known.push(userIds)
  }
  return known
}

/** `embedded`: the answer of the embedded broker. `username`: in the certificate that is revoked, if it is known. */
export async function impactOnTrust(
  brokers: BrokerSet,
  {
    embedded,
    change,
    username = null,
  }: { embedded: Promise<EmbeddedImpact | null>; change: TrustChange; username?: string | null },
): Promise<TrustImpact> {
  const [own, others] = await Promise.all([embedded, brokers.foresee({ trust: change, username })])
  const connections = own?.connections ?? null
  return {
    usernames: [],
    userCount: 0,
    ...own,
    connections,
    connectionsByBroker: [embeddedImpact(connections), ...others],
  }
}

/** After one call without an answer the broker is not called again: each call may wait two seconds, and the sum is null anyway. */
async function sumUntilNull<T>(of: readonly T[], ends: (one: T) => Promise<number | null>): Promise<number | null> {
  let sum = 0
  for (const one of of) {
    const connections = await ends(one)
    if (connections === null) return null
    sum += connections
  }
  return sum
}

function embeddedImpact(connections: number | null): BrokerImpact {
  const ends = connections === null ? null : connections === 0 ? 'nothing' : 'concerned'
  return { id: embeddedBrokerId, name: embeddedBrokerId, ends, connections, admitsWithoutRights: false }
}
