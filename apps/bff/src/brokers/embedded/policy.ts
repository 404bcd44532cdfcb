/** Answers the questions of the engine by `access/decision`. */
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type * as engine from '@gatehouse/mqtt/policy'
import type { DecisionUser } from '../../access/decision/facts.ts'
import { mayKeepSession } from '../../access/decision/review.ts'
import { compileRights, judgeDelivery, judgePublish, judgeSubscribe } from '../../access/decision/topics.ts'
import { type AcceptedSocket, type ConnectParts, connect, type PolicyRefusal } from './connect.ts'
import { holderOf, type SessionHolder } from './connection.ts'
import { readMemo } from './credentials-memo.ts'
import type { FindRules } from './listener-set.ts'
import { answerTo } from './return-codes.ts'
import type { BrokerStore } from './store.ts'
import { contextFor } from './with-users.ts'

interface Parts extends ConnectParts {
  store: Pick<BrokerStore, 'findUser' | 'findUsersById'>
  findRules: FindRules
  report(error: unknown): void
}

export function makePolicy(parts: Parts): engine.Policy {
  return {
    connect: (request, context) => connectOrBusy(parts, request, context as AcceptedSocket),
    publish: (client, { topic: named, isWill }) => {
      const { isAllowed, topic } = judgePublish(holderOf(client).rights, named)
      return isAllowed ? { topic } : { refused: topicRefusal(isWill ? 'will_refused' : 'publish_refused', topic) }
    },
    subscribe: (client, { filter, qos }) => {
      const isAllowed = judgeSubscribe(holderOf(client).rights, filter)
      return isAllowed ? { qos } : { refused: topicRefusal('subscribe_refused', filter) }
    },
    deliver: (client, topic) => judgeDelivery(holderOf(client).rights, topic),
    restore: (stored) => restore(parts, stored),
    reasonFor: (refused) => answerTo(refused as PolicyRefusal),
  }
}

async function connectOrBusy(
  parts: Parts,
  { clientId, isClean, will, username, password }: engine.ConnectRequest,
  socket: AcceptedSocket,
): Promise<engine.Admitted | { refused: PolicyRefusal }> {
  // The engine's buffer is shared with the socket, and the check of the password takes time.
  const own = password && Buffer.from(password)
  try {
    return await connect(parts, { socket, fields: { clientId, isClean, will, username, password: own } })
  } catch (error) {
    parts.report(error)
    return { refused: { reason: 'busy', claim: null, about: { clientId } } }
  } finally {
    own?.fill(0)
  }
}

function topicRefusal(reason: RefusalReason, topic: string): PolicyRefusal {
  return { reason, claim: null, about: { topic } }
}

/** May these stored sessions go on after the restart? By the rule for clients that are away. */
async function restore(
  parts: Parts,
  stored: readonly engine.StoredClient[],
): Promise<(engine.Admitted | engine.Refused)[]> {
  const users = await parts.store.findUsersById([...new Set(stored.map(({ user }) => user))])
  return stored.map((each) => {
    const holder = judgeStored(parts, each, users.get(each.user) ?? null)
    if (!holder) return { refused: topicRefusal('withdrawn', '') }
    parts.clientIds.restore(holder)
    return { user: holder.userId, data: holder }
  })
}

function judgeStored(
  parts: Parts,
  { clientId, memo, filters }: engine.StoredClient,
  user: DecisionUser | null,
): SessionHolder | null {
  const credentials = readMemo(memo, parts.findRules)
  if (!user || !credentials) return null
  const { id: userId, username } = user
  const holder = { clientId, userId, username, credentials, rights: compileRights(user), recorded: null }
  return mayKeepSession(holder, filters, contextFor(parts, user)) ? holder : null
}
