/** Loads the stored state at the start. Nothing of a session takes effect before the policy has judged it. */
import type { Core } from './core.ts'
import { type MessageFields, messageFrom, Outgoing } from './outgoing.ts'
import { keepUntilExpiry } from './packet-handler.ts'
import { parseFilter } from './packets/text.ts'
import { type Admitted, type Client, isRefused, type Refused, type StoredClient } from './policy.ts'
import { Session, type SubscriptionFields, weighSession } from './session.ts'
import { keyOf, keyParts, type Store, type StoredRecord } from './store.ts'
import { Will, type Wills } from './will.ts'

interface SessionFields {
  user: string
  expirySeconds: number
  expiresAt?: number
  memo?: string
}

/** Number of clients that the policy judges at once. */
const judgedAtOnce = 100

/** The records of one client id, before they are put together. */
interface Parts {
  session?: SessionFields
  subscriptions: [filter: string, fields: SubscriptionFields][]
  outgoing: Outgoing[]
  incoming: number[]
  will?: Will
}

export async function restore(core: Core, { store, wills }: { store: Store; wills: Wills }): Promise<void> {
  const clients = new Map<string, Parts>()
  for await (const record of store.load()) {
    if (record.kind === 'retained') restoreRetained(core, record)
    else addPart(clients, record)
  }
  const restored: RestoredClient[] = []
  const all = [...clients]
  for (let at = 0; at < all.length; at += judgedAtOnce) {
    restored.push(...(await restoreClients(core, wills, all.slice(at, at + judgedAtOnce))))
  }
  // After all sessions: a will that is due at once reaches every subscriber.
  for (const { client, parts } of restored) {
    if (parts.will) wills.restore(client, parts.will, parts.session?.expirySeconds ?? 0)
  }
  // What is due already, or was refused, is gone from the store before the first client comes.
  await core.journal.settle()
}

function restoreRetained(core: Core, { fields, body }: StoredRecord): void {
  // Stores of earlier versions have no time.
  const stored = JSON.parse(fields) as MessageFields & { at?: number }
  core.retained.restore(messageFrom(stored, body), stored.at ?? 0)
}

function addPart(clients: Map<string, Parts>, { kind, key, fields, body }: StoredRecord): void {
  const [clientId, part] = kind === 'session' || kind === 'will' ? [key, ''] : keyParts(key)
  let parts = clients.get(clientId)
  if (!parts) clients.set(clientId, (parts = { subscriptions: [], outgoing: [], incoming: [] }))
  if (kind === 'session') parts.session = JSON.parse(fields) as SessionFields
  else if (kind === 'will') parts.will = Will.fromRecord(fields, body)
  else if (kind === 'subscription') parts.subscriptions.push([part, JSON.parse(fields) as SubscriptionFields])
  else if (kind === 'outgoing') parts.outgoing.push(Outgoing.fromRecord(Number(part), fields, body))
  else parts.incoming.push(Number(part))
}

interface RestoredClient {
  client: Client
  parts: Parts
}

/** Judges these clients and puts back the sessions of those that the policy admits. */
async function restoreClients(core: Core, wills: Wills, clients: [string, Parts][]): Promise<RestoredClient[]> {
  const known = clients.flatMap(([clientId, parts]) => toStored(clientId, parts))
  const answers = await core.policy.restore(known)
  const admitted = new Map<string, Admitted>()
  for (const [at, { clientId }] of known.entries()) {
    const answer: Admitted | Refused | undefined = answers[at]
    if (answer && !isRefused(answer)) admitted.set(clientId, answer)
  }
  return clients.flatMap(([clientId, parts]) => {
    const answer = admitted.get(clientId)
    if (!answer) {
      deleteRecords(core, clientId, parts)
      return []
    }
    const client: Client = { clientId, user: answer.user, data: answer.data }
    if (parts.session) restoreSession(core, wills, { client, parts, fields: parts.session })
    return [{ client, parts }]
  })
}

/** Empty if neither a session nor a will is there: parts of a session that was not written whole. */
function toStored(clientId: string, { session, will, subscriptions }: Parts): StoredClient[] {
  const user = session?.user ?? will?.message.user
  if (user === undefined) return []
  const filters = subscriptions.flatMap(([filter]) => parseFilter(filter)?.filter ?? [])
  return [{ clientId, user, memo: session?.memo ?? will?.memo, filters }]
}

function restoreSession(
  core: Core,
  wills: Wills,
  { client, parts, fields }: { client: Client; parts: Parts; fields: SessionFields },
): void {
  const session = new Session(core, client, fields.expirySeconds)
  session.expiresAt = fields.expiresAt
  session.memo = fields.memo
  session.weight = weighSession(client.clientId, session.memo)
  core.budgets.sessions.takeAnyway(client.user, session.weight)
  core.sessions.set(client.clientId, session)
  for (const [filter, stored] of parts.subscriptions) {
    const parsed = parseFilter(filter)
    if (!parsed) continue
    const { filter: path, group } = parsed
    const identifier = stored.identifier
    session.restoreSubscription({ ...stored, owner: session, filter, path, group, identifier, isActive: true })
  }
  for (const packetId of parts.incoming) session.restoreReceived(packetId)
  for (const outgoing of parts.outgoing.toSorted((a, b) => a.sequence - b.sequence)) session.outbox.restore(outgoing)
  // The crash ended its connection: its time runs from now.
  keepUntilExpiry(core, session, wills)
}

function deleteRecords(
  core: Core,
  clientId: string,
  { session, will, subscriptions, incoming, outgoing }: Parts,
): void {
  const { journal } = core
  if (session) journal.delete('session', clientId)
  if (will) journal.delete('will', clientId)
  for (const [filter] of subscriptions) journal.delete('subscription', keyOf(clientId, filter))
  for (const packetId of incoming) journal.delete('incoming', keyOf(clientId, packetId))
  for (const each of outgoing) journal.delete('outgoing', each.keyFor(clientId))
}
