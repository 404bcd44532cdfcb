/** An MQTT client for tests, with control over every packet. */
import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { Issued } from '@gatehouse/pki/testing/certificates'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'

export interface ConnectOptions {
  /** Uses TLS and presents this certificate, with the chain in its PEM. */
  tls?: ConnectionOptions | Issued
  connect?: Partial<IConnectPacket>
  /** Stops after the handshake: no CONNECT. */
  isSilent?: boolean
}

/** A socket with a parser. It records the received packets and the end. */
export class RawClient {
  readonly socket: Socket
  readonly received: Packet[] = []
  readonly closed: Promise<void>
  isClosed = false
  readonly #protocolVersion: number
  #notify: () => void = () => {}

  constructor(socket: Socket, protocolVersion = 4) {
    this.socket = socket
    this.#protocolVersion = protocolVersion
    const reading = parser({ protocolVersion })
    reading.on('packet', (packet) => {
      this.received.push(packet)
      this.#notify()
    })
    // What a fuzzed client receives may be no MQTT: it is not counted as a packet.
    reading.on('error', () => {})
    socket.on('data', (chunk) => void reading.parse(chunk))
    socket.on('error', () => {})
    // Not `once`, which rejects on an error: broken connections are expected here.
    this.closed = new Promise<void>((resolve) => {
      socket.on('close', () => {
        this.isClosed = true
        this.#notify()
        resolve()
      })
    })
  }

  send(packet: Packet): void {
    this.socket.write(generate(packet, { protocolVersion: this.#protocolVersion }))
  }

  /** The next packet of this kind; null if the connection ends without one. */
  async next<K extends Packet['cmd']>(cmd: K): Promise<Extract<Packet, { cmd: K }> | null> {
    for (;;) {
      const at = this.received.findIndex((packet) => packet.cmd === cmd)
      const [found] = at < 0 ? [] : this.received.splice(at, 1)
      if (found) return found as Extract<Packet, { cmd: K }>
      if (this.isClosed) return null
      await new Promise<void>((resolve) => {
        this.#notify = resolve
      })
    }
  }

  /** The return code of the CONNACK; null if the connection was closed without one. */
  async connack(): Promise<number | null> {
    return (await this.next('connack'))?.returnCode ?? null
  }

  async subscribe(...topics: string[]): Promise<(number | object)[]> {
    return this.subscribeWith(0, ...topics)
  }

  async subscribeWith(qos: 0 | 1 | 2, ...topics: string[]): Promise<(number | object)[]> {
    this.send({ cmd: 'subscribe', messageId: 7, subscriptions: topics.map((topic) => ({ topic, qos })) })
    return (await this.next('suback'))?.granted ?? []
  }

  publish(topic: string, payload: string, more: { qos?: 0 | 1 | 2; retain?: boolean; messageId?: number } = {}): void {
    this.send({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false, ...more })
  }

  /** Waits until the broker has processed everything sent before; false if the connection ended. */
  async settle(): Promise<boolean> {
    this.send({ cmd: 'pingreq' })
    return (await this.next('pingresp')) !== null
  }

  /** The messages received so far, as `topic=payload`. */
  messages(): string[] {
    return this.received.flatMap((packet) =>
      packet.cmd === 'publish' ? `${packet.topic}=${packet.payload.toString()}` : [],
    )
  }
}

export async function connectClient(port: number, options: ConnectOptions): Promise<RawClient> {
  const socket = options.tls
    ? connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...keysOf(options.tls) })
    : connectPlain({ host: '127.0.0.1', port })
  const client = new RawClient(socket, options.connect?.protocolVersion)
  await Promise.race([once(socket, options.tls ? 'secureConnect' : 'connect').catch(() => {}), client.closed])
  if (options.isSilent) return client
  client.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: '',
    clean: true,
    keepalive: 60,
    ...options.connect,
  })
  return client
}

/** Adds these certificates to the chain that the client sends. */
export function withChain(leaf: Issued, ...chain: Issued[]): Issued {
  return { ...leaf, certificatePem: [leaf, ...chain].map((each) => each.certificatePem).join('') }
}

export function keysOf(tls: NonNullable<ConnectOptions['tls']>): ConnectionOptions {
  return 'certificatePem' in tls ? { cert: tls.certificatePem, key: tls.privateKeyPem } : tls
}
