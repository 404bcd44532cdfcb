/** Loads the stored state at the start. Nothing of a session takes effect before the policy has judged it. */
import type { Core } from './core.ts'
import { type MessageFields, messageFrom, Outgoing } from './outgoing.ts'
import { keepUntilExpiry } from './packet-handler.ts'
import { parseFilter } from './packets/text.ts'
import { type Client, isRefused } from './policy.ts'
import { Session, type SubscriptionFields } from './session.ts'
import { keyParts, type Store, type StoredRecord } from './store.ts'
import { Will, type Wills } from './will.ts'

interface SessionFields {
  user: string
  expirySeconds: number
  expiresAt?: number
}

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
  for (const [clientId, parts] of clients) await restoreClient(core, wills, { clientId, parts })
  // What is due already, or was refused, is gone from the store before the first client comes.
  await core.journal.settle()
}

function restoreRetained(core: Core, { fields, body }: StoredRecord): void {
  core.retained.restore(messageFrom(JSON.parse(fields) as MessageFields, body))
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

async function restoreClient(
  core: Core,
  wills: Wills,
  { clientId, parts }: { clientId: string; parts: Parts },
): Promise<void> {
  const user = parts.session?.user ?? parts.will?.message.user
  const answer = user === undefined ? undefined : await core.policy.restore({ clientId, user })
  if (user === undefined || !answer || isRefused(answer)) return deleteRecords(core, clientId, parts)
  const client: Client = { clientId, user, data: answer.data }
  if (parts.session) restoreSession(core, wills, { client, parts, fields: parts.session })
  if (parts.will) wills.restore(client, parts.will, parts.session?.expirySeconds ?? 0)
}

function restoreSession(
  core: Core,
  wills: Wills,
  { client, parts, fields }: { client: Client; parts: Parts; fields: SessionFields },
): void {
  const session = new Session(core, client, fields.expirySeconds)
  session.expiresAt = fields.expiresAt
  core.budgets.sessions.takeAnyway(client.user, 0)
  core.sessions.set(client.clientId, session)
  for (const [filter, stored] of parts.subscriptions) {
    const parsed = parseFilter(filter)
    if (!parsed) continue
    const { filter: path, group } = parsed
    const identifier = stored.identifier
    session.restoreSubscription({ ...stored, owner: session, filter, path, group, identifier, isActive: true })
  }
  for (const packetId of parts.incoming) session.incoming.add(packetId)
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
  for (const [filter] of subscriptions) journal.delete('subscription', `${clientId}\u001f${filter}`)
  for (const packetId of incoming) journal.delete('incoming', `${clientId}\u001f${packetId}`)
  for (const each of outgoing) journal.delete('outgoing', each.keyFor(clientId))
}
