/**
 * What aedes 1.2 does not have: a limit on the size of packets, a limit on how long a slow subscriber delays publishers, and one write for
 * several messages. This file is the only one that uses private fields of aedes. Tests fail when a new version changes them.
 */
import type { Aedes, Client } from 'aedes'

export const maxPacketBytes = 1024 * 1024
/** Before the client has signed in. Enough for client id, will and password. */
export const maxConnectBytes = 32 * 1024
/** Publishers wait when more than this is unsent to one client. */
const maxPendingBytes = 1024 * 1024
/** The time that a slow subscriber delays publishers. After it they do not wait until the client has read everything. */
const patienceMs = 1_000
/** Beyond this nothing is added for the client. */
const maxBacklogBytes = 4 * maxPacketBytes
// Only a client reaches this that sends without reading the answers. aedes ends it after its `drainTimeout`.
const maxUnreadBytes = 2 * maxBacklogBytes

/** Sent together at the latest when this much has collected. */
const maxGatheredBytes = 64 * 1024

interface Parser {
  packet: { length: number }
  _parseLength(): boolean
  _emitError(error: Error): false
}

interface ClientInside {
  _parser: Parser
  will: object | null
  _will: object | null
  id: string
  subscriptions: Record<string, unknown>
  waitForDrain(done: Done): void
}

interface BrokerInside {
  clients: Record<string, Client | undefined>
  deleteClient(clientId: string): void
}

/** mqtt-packet would collect up to 256 MiB. A packet whose header says that it is too long ends the connection. */
export function limitPackets(client: Client): void {
  const { _parser: parser } = inside(client)
  const parseLength = parser._parseLength
  parser._parseLength = function readLength(this: Parser) {
    const isRead = parseLength.call(this)
    const limit = client.connected ? maxPacketBytes : maxConnectBytes
    return isRead && this.packet.length > limit ? this._emitError(new Error('packet too large')) : isRead
  }
}

type Done = (error: Error | null, client: Client) => void

const notReading = new WeakSet<Client>()

/**
 * aedes makes publishers wait up to a minute for the slowest subscriber. Waiting is right for a subscriber that is only slow, because no
 * message is lost. A subscriber that does not read delays publishers for one second only.
 */
export function limitWaiting(client: Client): void {
  const own = inside(client)
  const waitLonger = own.waitForDrain.bind(client)
  const waiting: Done[] = []
  const goOn = () => {
    for (const done of waiting.splice(0)) setImmediate(done, null, client)
  }
  own.waitForDrain = (done) => {
    const pending = client.conn.writableLength
    if (pending > maxUnreadBytes) return waitLonger(done)
    if (pending <= maxPendingBytes || notReading.has(client)) return void setImmediate(done, null, client)
    if (waiting.push(done) > 1) return
    const timer = setTimeout(() => {
      notReading.add(client)
      goOn()
    }, patienceMs)
    client.conn.once('drain', () => {
      clearTimeout(timer)
      notReading.delete(client)
      goOn()
    })
  }
}

/**
 * aedes writes each message alone, and each write is a system call, the most expensive part of a message. Here one turn of the event loop
 * writes once for each client. At `maxGatheredBytes` the data is written at once, so that held data never counts as a slow client.
 */
export function gatherWrites({ conn }: Client): void {
  const cork = conn.cork.bind(conn)
  let isHeld = false
  const release = () => {
    if (!isHeld) return
    isHeld = false
    conn.uncork()
  }
  conn.cork = () => {
    if (conn.writableLength >= maxGatheredBytes) release()
    if (!isHeld) {
      isHeld = true
      cork()
      setImmediate(release)
    }
    cork()
  }
}

/** Does the client leave so much unread that nothing should be added? */
export function isOverrun(client: Client): boolean {
  return notReading.has(client) || client.conn.writableLength > maxBacklogBytes
}

/** Sets the id under which aedes knows a client, once the client is admitted. */
export function renameClient(client: Client, clientId: string): void {
  inside(client).id = clientId
}

export function filtersOf(client: Client): string[] {
  return Object.keys(inside(client).subscriptions)
}

/** The will of a client that the broker disconnects is not published. */
export function dropWill(client: Client): void {
  inside(client).will = null
  inside(client)._will = null
}

/** aedes registers a client that was closed during its CONNECT, and never removes it. */
export function forgetClosedClients(broker: Aedes): void {
  const own = broker as unknown as BrokerInside
  broker.on('client', (client) => {
    if (client.closed && own.clients[client.id] === client) own.deleteClient(client.id)
  })
}

function inside(client: Client): ClientInside {
  return client as unknown as ClientInside
}
