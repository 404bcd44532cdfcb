/** SUBSCRIBE and UNSUBSCRIBE (§3.8, §3.10). */
import type { Connection } from './connection.ts'
import type { Core } from './core.ts'
import { encodeSuback, encodeUnsuback } from './packets/encode.ts'
import { PacketError } from './packets/packet-error.ts'
import type { Subscribe, SubscriptionRequest, Unsubscribe } from './packets/packets.ts'
import { reasonCodes } from './packets/reason-codes.ts'
import { countLevels, parseFilter } from './packets/text.ts'
import { isRefused } from './policy.ts'
import type { Session } from './session.ts'
import type { Subscription } from './topics.ts'

interface Request<P> {
  session: Session
  connection: Connection
  packet: P
}

/** Answers with one code per filter [MQTT-3.8.4-6]. Retained messages follow after SUBACK. */
export function subscribe(core: Core, { session, connection, packet }: Request<Subscribe>): void {
  // [MQTT-3.8.3-4]
  if (packet.subscriptions.some(({ noLocal, filter }) => noLocal && filter.startsWith('$share/'))) {
    throw new PacketError(reasonCodes.protocolError, 'No Local is set for a shared subscription')
  }
  const identifier = packet.properties.subscriptionIdentifier
  workInSlices(core, connection, {
    items: packet.subscriptions,
    work: (request) => subscribeOne(core, { session, connection, packet: request }, identifier),
    answer: (codes) => {
      connection.write(encodeSuback(connection.version, packet.packetId, codes))
      session.replay.continue()
    },
  })
}

interface FilterWork<Item> {
  items: Item[]
  /** @returns the code of the answer. */
  work(item: Item): number
  answer(codes: number[]): void
}

/** Works on the filters of a packet, in later turns too if there are many. The connection is not read meanwhile. */
function workInSlices<Item>(core: Core, connection: Connection, { items, work, answer }: FilterWork<Item>): void {
  const codes: number[] = []
  const runOnce = (): boolean => {
    const slice = core.turns.beginSlice()
    do codes.push(work(items[codes.length]!))
    while (codes.length < items.length && !core.turns.isSpent(slice))
    if (codes.length < items.length) return false
    core.journal.afterCommit(() => answer(codes), connection)
    return true
  }
  if (runOnce()) return
  connection.hold()
  const task = {
    run: (): void => {
      // Its session may be another connection's by now, or nobody's.
      if (connection.isEnded) return
      if (runOnce()) connection.release()
      else core.turns.later(task)
    },
    failed: (error: unknown) => connection.failed(error),
  }
  core.turns.later(task)
}

/** @returns the granted QoS, or why not. */
function subscribeOne(core: Core, request: Request<SubscriptionRequest>, identifier: number | undefined): number {
  const { session, packet } = request
  const parsed = parseFilter(packet.filter)
  if (!parsed) return refuse(core, request, 'filter_invalid', reasonCodes.topicFilterInvalid)
  if (countLevels(packet.filter) > core.limits.topicLevels) {
    return refuse(core, request, 'topic_too_deep', reasonCodes.topicFilterInvalid)
  }
  const { filter: path, group } = parsed
  const answer = core.policy.subscribe(session.client, { filter: path, group, qos: packet.qos })
  if (isRefused(answer)) return refuse(core, request, answer.refused, core.policy.reasonFor(answer.refused).code)
  const { filter, noLocal, retainAsPublished, retainHandling } = packet
  const isNew = !session.subscriptions.has(filter)
  const subscription: Subscription<Session> = {
    owner: session,
    filter,
    path,
    group,
    qos: answer.qos,
    noLocal,
    retainAsPublished,
    identifier,
    isActive: true,
  }
  if (!session.subscribe(subscription)) return refuse(core, request, 'subscription_quota', reasonCodes.quotaExceeded)
  // Shared subscriptions get no retained messages (§4.8.2).
  const wantsRetained = retainHandling === 0 || (retainHandling === 1 && isNew)
  if (group === undefined && wantsRetained) session.replay.add(subscription)
  return answer.qos
}

function refuse(
  core: Core,
  { session, connection, packet }: Request<SubscriptionRequest>,
  reason: unknown,
  code: number,
): number {
  const { clientId, client } = session
  core.refused({ what: 'subscribe', reason, clientId, client, context: connection.context, topic: packet.filter })
  return code
}

/** Ends subscriptions. Messages that are on their way already may still arrive (§3.10.4). */
export function unsubscribe(core: Core, { session, connection, packet }: Request<Unsubscribe>): void {
  workInSlices(core, connection, {
    items: packet.filters,
    work: (filter) => {
      if (!parseFilter(filter)) return reasonCodes.topicFilterInvalid
      return session.unsubscribe(filter) ? reasonCodes.success : reasonCodes.noSubscriptionExisted
    },
    answer: (codes) => connection.write(encodeUnsuback(connection.version, packet.packetId, codes)),
  })
}
