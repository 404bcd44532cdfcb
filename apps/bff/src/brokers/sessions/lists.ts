/** MQTT sessions as the console shows them. */
import { type MqttSession, maxListedSessions } from '@gatehouse/contract/brokers/mqtt-sessions'
import type { Engine } from '@gatehouse/mqtt/engine'
import { createYielder } from '@gatehouse/pki/read/yielder'
import type { ClientIdOwner, ClientIds } from '../embedded/client-ids.ts'

interface Parts {
  engine: Engine
  clientIds: ClientIds
}

/** The ones that began last come first. */
export async function listSessions(
  { engine, clientIds }: Parts,
  search = '',
): Promise<{ items: MqttSession[]; total: number }> {
  const yieldIfDue = createYielder()
  const wanted = search.toLowerCase()
  const found: ClientIdOwner[] = []
  for (const owner of clientIds.all()) {
    const { clientId, username } = owner.holder
    if (`${clientId}\n${username}`.toLowerCase().includes(wanted)) found.push(owner)
    await yieldIfDue()
  }
  const items = found
    .slice(-maxListedSessions)
    .toReversed()
    .flatMap((owner) => toSession(engine, owner) ?? [])
  return { items, total: found.length }
}

export function findSession({ engine, clientIds }: Parts, clientId: string): MqttSession | null {
  const owner = clientIds.ownerOf(clientId)
  return owner ? toSession(engine, owner) : null
}

/** Null: it has ended meanwhile. */
function toSession(engine: Engine, { clientId, userId, holder }: ClientIdOwner): MqttSession | null {
  const session = engine.session(clientId)
  if (!session) return null
  const { isConnected, expiresAt, subscriptions, queued } = session
  return {
    clientId,
    userId,
    username: holder.username,
    connected: isConnected,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    subscriptions,
    queued: queued.count,
    queuedBytes: queued.bytes,
  }
}
