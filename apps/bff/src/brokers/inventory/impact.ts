/** What a change would end on all brokers, before it is made. */
import type { BrokerImpact } from '@gatehouse/contract/base'
import { embeddedBrokerId } from '@gatehouse/contract/brokers/inventory'
import type { TrustImpact } from '@gatehouse/contract/certificates/impact'
import type { UserImpact } from '@gatehouse/contract/identity/users'
import type { TrustImpact as EmbeddedImpact, TrustChange } from '../../certificates/trust/changes.ts'
import type { ForeseenUser, OriginChange } from '../../identity/users/context.ts'
import type { Broker } from '../embedded/start-broker.ts'
import type { BrokerSet } from './broker-set.ts'

export async function impactOnUsers(
  { broker, brokers }: { broker: Pick<Broker, 'impactOnUser'>; brokers: BrokerSet },
  users: readonly ForeseenUser[],
): Promise<Pick<UserImpact, 'connections' | 'connectionsByBroker'>> {
  const [connections, others] = await Promise.all([countEmbedded(broker, users), brokers.foresee({ users })])
  return { connections, connectionsByBroker: [embeddedImpact(connections), ...others] }
}

/** Users whose identity provider would be disabled, in slices. Other brokers have no passwords of it. */
export async function impactOnOrigin(
  { broker, brokers }: { broker: Pick<Broker, 'impactOnOrigin'>; brokers: BrokerSet },
  { slices, keepsCertificates }: OriginChange,
): Promise<Pick<UserImpact, 'connections' | 'connectionsByBroker'>> {
  let connections: number | null = 0
  const gone: ForeseenUser[] = []
  for await (const userIds of slices) {
    const ended: number | null =
      connections === null ? null : await broker.impactOnOrigin({ userIds, keepsCertificates })
    connections = connections === null || ended === null ? null : connections + ended
    // A disabled user and a deleted one are the same to other brokers.
    if (!keepsCertificates) gone.push(...userIds.map((userId) => ({ userId, facts: null })))
  }
  return {
    connections,
    connectionsByBroker: [embeddedImpact(connections), ...(await brokers.foresee({ users: gone }))],
  }
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
async function countEmbedded(
  broker: Pick<Broker, 'impactOnUser'>,
  users: readonly ForeseenUser[],
): Promise<number | null> {
  let sum = 0
  for (const { userId, facts } of users) {
    const connections = await broker.impactOnUser(userId, facts)
    if (connections === null) return null
    sum += connections
  }
  return sum
}

function embeddedImpact(connections: number | null): BrokerImpact {
  const ends = connections === null ? null : connections === 0 ? 'nothing' : 'concerned'
  return { id: embeddedBrokerId, name: embeddedBrokerId, ends, connections, admitsWithoutRights: false }
}
