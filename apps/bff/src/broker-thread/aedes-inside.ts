/**
 * What aedes 1.2 does not offer and we need: a bound on the size of packets, and subscribers that cannot hold up publishers.
 * The only file that reaches into its private parts; the tests notice when a new version moves them.
 */
import type { Aedes, Client } from 'aedes'

export const maxPacketBytes = 1024 * 1024
/** Before anybody has signed in: client id, will and password fit in this. */
export const maxConnectBytes = 32 * 1024
/** What may wait to be sent to one client; beyond it messages are not added. */
export const maxPendingBytes = 256 * 1024
// Two of the largest packets: only a client that floods us and reads none of our answers comes here.
const maxUnreadBytes = 2 * maxPacketBytes

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
  waitForDrain(done: (error: Error | null, client: Client) => void): void
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

/**
 * aedes makes a publisher wait for the slowest subscriber's socket. Here nobody waits until a client leaves megabytes unread; deliveries
 * stop long before, at `maxPendingBytes`.
 */
export function neverWaitForReaders(client: Client): void {
  const own = inside(client)
  const wait = own.waitForDrain.bind(client)
  own.waitForDrain = (done) => {
    if (pendingBytes(client) > maxUnreadBytes) wait(done)
    else setImmediate(done, null, client)
  }
}

export function pendingBytes({ conn }: Client): number {
  return conn.writableLength
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
