/** An engine behind a real TCP port, for tests, and a client that sends and reads raw bytes. */
import { type AddressInfo, createServer, connect as openSocket, type Server, type Socket } from 'node:net'
import { Engine, type EngineOptions } from '../engine.ts'
import type { Refusal } from '../events.ts'
import { FrameReader } from '../packets/frames.ts'
import type { Policy } from '../policy.ts'
import * as raw from './raw-packets.ts'

/** Everything is allowed; the user is the MQTT user name, or `anyone`. */
export const openPolicy: Policy = {
  connect: async ({ username }) => ({ user: username ?? 'anyone', data: undefined }),
  publish: (_, { topic }) => ({ topic }),
  subscribe: (_, { qos }) => ({ qos }),
  deliver: () => true,
  restore: async (stored) => stored.map(({ user }) => ({ user, data: undefined })),
  reasonFor: (refused) => ({ code: 0x87, text: String(refused) }),
}

export interface World {
  engine: Engine
  port: number
  refusals: Refusal[]
  /** Moves the engine's clock and runs what is due. */
  advance(seconds: number): void
  stop(): Promise<void>
}

export async function startWorld(options: Partial<EngineOptions> = {}): Promise<World> {
  let offsetMs = 0
  const refusals: Refusal[] = []
  const events = { ...options.events, refused: (refusal: Refusal) => refusals.push(refusal) }
  const now = () => Date.now() + offsetMs
  const engine = await Engine.start({ policy: openPolicy, now, ...options, events })
  const server = createServer((socket) => {
    socket.setNoDelay(true)
    engine.accept(socket, { address: socket.remoteAddress })
  })
  const port = await listen(server)
  return {
    engine,
    port,
    refusals,
    advance: (seconds) => {
      offsetMs += seconds * 1000
      engine.tick()
    },
    stop: async () => {
      server.close()
      await engine.stop()
    },
  }
}

export function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

/** A packet from the server, taken apart. Only the fields of its type are set. */
export interface Received {
  type: number
  first: number
  body: Buffer
  packetId: number
  /** CONNACK's code, or the reason code of other packets; 0 if there is none. */
  code: number
  sessionPresent: boolean
  topic: string
  payload: string
  qos: number
  retain: boolean
  dup: boolean
  /** Properties as they came, without their length. MQTT 5 only. */
  properties: Buffer
  codes: number[]
}

export class RawClient {
  readonly socket: Socket
  readonly received: Received[] = []
  isClosed = false
  /** Acknowledges what it receives. */
  acknowledges = false
  readonly #version: number
  readonly #frames = new FrameReader(300_000_000)
  #waiting: (() => void)[] = []

  constructor(port: number, version = 4) {
    this.#version = version
    this.socket = openSocket(port, '127.0.0.1')
    this.socket.setNoDelay(true)
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
    this.socket.on('data', (chunk: Buffer) => this.#read(chunk))
  }

  send(...packets: Buffer[]): this {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(packets))
    return this
  }

  /** The n-th packet of that type from the server. Fails when the connection closes or nothing comes for ten seconds. */
  async next(type: keyof typeof serverTypes, n = 1): Promise<Received> {
    const found = await this.until(() => this.of(type)[n - 1] ?? (this.isClosed ? 'closed' : undefined))
    if (found === 'closed') throw new Error(`the connection was closed before ${type} ${n}`)
    return found
  }

  of(type: keyof typeof serverTypes): Received[] {
    return this.received.filter((each) => each.type === serverTypes[type])
  }

  async closed(): Promise<void> {
    await this.until(() => this.isClosed || undefined)
  }

  async until<T>(look: () => T | undefined): Promise<T> {
    const deadline = Date.now() + 10_000
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (Date.now() > deadline)
        throw new Error(`nothing came; received ${this.received.map((each) => each.type).join(' ')}`)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        setTimeout(resolve, 50)
      })
    }
  }

  /** Waits until the server has handled everything that was sent before. */
  async settled(): Promise<void> {
    const before = this.of('pingresp').length
    this.send(raw.pingreq)
    await this.next('pingresp', before + 1)
  }

  /** Cuts the connection without DISCONNECT. */
  async cut(): Promise<void> {
    this.socket.destroy()
    await this.closed()
  }

  #read(chunk: Buffer): void {
    this.#frames.push(chunk)
    for (let frame = this.#frames.next(); frame; frame = this.#frames.next()) {
      const packet = parse(frame.first, Buffer.from(frame.body), this.#version)
      this.received.push(packet)
      if (this.acknowledges) this.#acknowledge(packet)
    }
    this.#wake()
  }

  #acknowledge({ type, qos, packetId }: Received): void {
    if (type === serverTypes.publish && qos === 1) this.send(raw.puback(packetId))
    if (type === serverTypes.publish && qos === 2) this.send(raw.pubrec(packetId))
    if (type === serverTypes.pubrel) this.send(raw.pubcomp(packetId))
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

const serverTypes = {
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  suback: 9,
  unsuback: 11,
  pingresp: 13,
  disconnect: 14,
}

function parse(first: number, body: Buffer, version: number): Received {
  const type = first >> 4
  const packet: Received = {
    type,
    first,
    body,
    packetId: 0,
    code: 0,
    sessionPresent: false,
    topic: '',
    payload: '',
    qos: 0,
    retain: false,
    dup: false,
    properties: Buffer.alloc(0),
    codes: [],
  }
  let at = 0
  const takeProperties = (): void => {
    if (version !== 5 || at >= body.length) return
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = body[at++]!
      length |= (byte & 127) << shift
      if (byte < 128) break
    }
    packet.properties = body.subarray(at, at + length)
    at += length
  }
  if (type === serverTypes.connack) {
    packet.sessionPresent = body[0] === 1
    packet.code = body[1]!
    at = 2
    takeProperties()
  } else if (type === serverTypes.publish) {
    packet.qos = (first >> 1) & 3
    packet.retain = (first & 1) !== 0
    packet.dup = (first & 8) !== 0
    at = 2 + body.readUInt16BE(0)
    packet.topic = body.toString('utf8', 2, at)
    if (packet.qos > 0) packet.packetId = body.readUInt16BE(at)
    if (packet.qos > 0) at += 2
    takeProperties()
    packet.payload = body.toString('utf8', at)
  } else if (type === serverTypes.disconnect) {
    packet.code = body[0] ?? 0
    at = 1
    takeProperties()
  } else if (type === serverTypes.suback || type === serverTypes.unsuback) {
    packet.packetId = body.readUInt16BE(0)
    at = 2
    takeProperties()
    packet.codes = [...body.subarray(at)]
  } else if (body.length >= 2) {
    packet.packetId = body.readUInt16BE(0)
    packet.code = body[2] ?? 0
    at = 3
    takeProperties()
  }
  return packet
}

/** Connects, and fails unless the server accepts. */
export async function join(world: { port: number }, options: raw.ConnectOptions = {}): Promise<RawClient> {
  const client = new RawClient(world.port, options.version)
  client.send(raw.connect(options))
  const { code } = await client.next('connack')
  if (code !== 0) throw new Error(`refused with ${code}`)
  return client
}

/** Subscribes and waits for SUBACK. @returns the codes. */
export async function subscribe(
  client: RawClient,
  filters: [filter: string, options: number][],
  options: { version?: number; properties?: Buffer[] } = {},
): Promise<number[]> {
  const before = client.of('suback').length
  client.send(raw.subscribe(filters, options))
  return (await client.next('suback', before + 1)).codes
}
