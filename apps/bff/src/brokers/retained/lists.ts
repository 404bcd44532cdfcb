/** Retained messages as the console shows them. The walk over them gives way to messages. */
import { maxShownPayloadBytes, type Payload } from '@gatehouse/contract/brokers/payload'
import { maxClearedRetained, maxListedRetained, type RetainedMessage } from '@gatehouse/contract/brokers/retained'
import type { Engine } from '@gatehouse/mqtt/engine'
import type { RetainedInfo } from '@gatehouse/mqtt/events'
import { createYielder } from '@gatehouse/pki/read/yielder'
import type { BrokerStore } from '../embedded/store.ts'
import { inSlices } from '../embedded/with-users.ts'

export interface RetainedList {
  items: RetainedMessage[]
  isMore: boolean
  messages: number
  bytesInAll: number
}

interface Parts {
  engine: Pick<Engine, 'retained' | 'retainedMatching'>
  store: Pick<BrokerStore, 'findUsersById'>
}

export async function listRetained({ engine, store }: Parts, filter: string): Promise<RetainedList> {
  const { found, isMore } = await find(engine, filter, maxListedRetained)
  const names = await namesOf(store, [...new Set(found.map(({ user }) => user))])
  const items = found.map((info) => toMessage(info, names))
  const { count, bytes } = engine.retained
  return { items, isMore, messages: count, bytesInAll: bytes }
}

export interface RetainedView {
  message: RetainedMessage
  qos: number
  payload: Payload
}

export async function viewRetained(
  { engine, store }: Pick<Parts, 'store'> & { engine: Pick<Engine, 'retainedOn'> },
  topic: string,
): Promise<{ found: RetainedView | null }> {
  const found = engine.retainedOn(topic)
  if (!found) return { found: null }
  const { qos, payload, bytes } = found
  const base64 = payload.subarray(0, maxShownPayloadBytes).toString('base64')
  const message = toMessage(found, await namesOf(store, [found.user]))
  return { found: { message, qos, payload: { base64, bytes } } }
}

function toMessage({ topic, bytes, user, at, expiresAt }: RetainedInfo, names: Map<string, string>): RetainedMessage {
  return {
    topic,
    bytes,
    userId: user,
    username: names.get(user) ?? null,
    publishedAt: toTime(at),
    expiresAt: toTime(expiresAt),
  }
}

/** The engine's 0 means that there is no such time. */
function toTime(at: number): string | null {
  return at === 0 ? null : new Date(at).toISOString()
}

export async function clearRetained(engine: Engine, filter: string): Promise<{ cleared: number; isMore: boolean }> {
  const yieldIfDue = createYielder()
  const { found, isMore } = await find(engine, filter, maxClearedRetained)
  let cleared = 0
  for (const { topic } of found) {
    if (engine.clearRetained(topic)) cleared++
    await yieldIfDue()
  }
  return { cleared, isMore }
}

/** Topics have up to 64 KiB: a thousand of them would be an answer of 64 MB. */
const maxTopicBytes = 1_048_576

async function find(
  engine: Pick<Engine, 'retainedMatching'>,
  filter: string,
  most: number,
): Promise<{ found: RetainedInfo[]; isMore: boolean }> {
  const yieldIfDue = createYielder()
  const found: RetainedInfo[] = []
  let bytes = 0
  for (const message of engine.retainedMatching(filter)) {
    if (message) {
      bytes += message.topic.length
      if (found.length === most || bytes > maxTopicBytes) return { found, isMore: true }
      found.push(message)
    }
    await yieldIfDue()
  }
  return { found, isMore: false }
}

async function namesOf(store: Parts['store'], userIds: readonly string[]): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (const slice of inSlices(userIds)) {
    for (const [id, { username }] of await store.findUsersById(slice)) names.set(id, username)
  }
  return names
}
