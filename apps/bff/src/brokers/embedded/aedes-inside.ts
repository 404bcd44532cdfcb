/**
 * What aedes 1.2 does not offer and we need: a bound on the size of packets, and of how long a subscriber holds publishers up;
 * and messages that leave together.
 * The only file that reaches into its private parts; the tests notice when a new version moves them.
 */
import type { Aedes, Client } from 'aedes'

export const maxPacketBytes = 1024 * 1024
/** Before anybody has signed in: client id, will and password fit in this. */
export const maxConnectBytes = 32 * 1024
/** What may wait to be sent to one client before its publishers slow down. */
const maxPendingBytes = 1024 * 1024
/** For so long; then it is deaf until it has read everything. */
const patienceMs = 1_000
/** What may wait in any case. */
const maxBacklogBytes = 4 * maxPacketBytes
// Only a client that floods us and reads none of our answers comes here: aedes ends it after its `drainTimeout`.
const maxUnreadBytes = 2 * maxBacklogBytes

/** What is held back to be sent together. */
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

/** mqtt-packet would gather up to 256 MiB before anybody looks at it: a packet that says it is too long ends the connection. */
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

const deaf = new WeakSet<Client>()

/**
 * aedes makes publishers wait for the slowest subscriber's socket, for a minute. Waiting is right for one that is merely slow, since nothing
 * is lost; one that does not read gets a second, and then holds up nobody.
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
    if (pending <= maxPendingBytes || deaf.has(client)) return void setImmediate(done, null, client)
    if (waiting.push(done) > 1) return
    const timer = setTimeout(() => {
      deaf.add(client)
      goOn()
    }, patienceMs)
    client.conn.once('drain', () => {
      clearTimeout(timer)
      deaf.delete(client)
      goOn()
    })
  }
}

/**
 * aedes hands the socket each message by itself, and each became a call to the system, the dearest part of a message. What one turn of
 * the event loop has for a client leaves together, so does what has piled up to `maxGatheredBytes`: no judge of a backlog may
 * take for slowness what only we held back.
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

/** Does it leave so much unread that nothing should be added? */
export function isOverrun(client: Client): boolean {
  return deaf.has(client) || client.conn.writableLength > maxBacklogBytes
}

/** The name under which aedes knows a client; set anew once it is known to whom the id belongs. */
export function renameClient(client: Client, clientId: string): void {
  inside(client).id = clientId
}

export function filtersOf(client: Client): string[] {
  return Object.keys(inside(client).subscriptions)
}

/** Nobody else is to hear from a client that was thrown out. */
export function dropWill(client: Client): void {
  inside(client).will = null
  inside(client)._will = null
}

/** aedes registers a client that was closed while its CONNECT was being worked on, and never forgets it. */
export function forgetClosedClients(broker: Aedes): void {
  const own = broker as unknown as BrokerInside
  broker.on('client', (client) => {
    if (client.closed && own.clients[client.id] === client) own.deleteClient(client.id)
  })
}

function inside(client: Client): ClientInside {
  return client as unknown as ClientInside
}
