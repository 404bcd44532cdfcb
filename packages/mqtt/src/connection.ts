/** One network connection: bytes in and out, keep alive, and its end. What the packets mean is in `packet-handler.ts`. */
import type { Duplex } from 'node:stream'
import type { Core } from './core.ts'
import type { ConnectionInfo, Ending, EngineReason } from './events.ts'
import { encodeDisconnect } from './packets/encode.ts'
import { type Frame, FrameReader } from './packets/frames.ts'
import { PacketError } from './packets/packet-error.ts'
import type { Version } from './packets/packets.ts'
import { reasonCodes } from './packets/reason-codes.ts'
import type { Client } from './policy.ts'
import type { Peer, TopicAliases } from './session.ts'
import { noTraffic } from './traffic.ts'
import type { Flushable, Task } from './turns.ts'
import { crowdedBytes, UnreadBytes } from './unread-bytes.ts'

/** What receives the packets of a connection. */
export interface PacketHandler {
  /** @throws PacketError to end the connection with its code. */
  handle(frame: Frame): void
  /** Called when there is room for more output. */
  hasRoom(): void
  /** Called once, when the connection is over for the engine; its bytes may still be on their way. */
  ended(cause: Ending): void
}

/** `whenDrained` calls back below this load. */
const drainedLoad = 1 / 8
/** A peer that does not close its side after our end is cut off. */
const lingerMs = 1000

export class Connection implements Peer, Task, Flushable {
  static #lastId = 0
  readonly id = ++Connection.#lastId
  readonly context: unknown
  readonly connectedAt: number
  version: Version = 4
  sendMaximum: number
  maxPacketBytes = Number.POSITIVE_INFINITY
  aliases: TopicAliases | undefined
  isReady = false
  client: Client | undefined
  /** May MQTT 5 packets carry a reason string (Request Problem Information)? */
  acceptsProblemInformation = true
  keepAliveSeconds = 0
  isEnded = false
  readonly traffic = noTraffic()
  readonly frames: FrameReader
  readonly #core: Core
  readonly #stream: Duplex
  readonly #handler: PacketHandler
  #output: Buffer[] = []
  #outputBytes = 0
  #lastPacketAt: number
  /** When the keep alive began to run. It is later than the last packet if the engine did not read meanwhile. */
  #aliveAt: number
  #holds = 0
  readonly #unread: UnreadBytes
  #isHeldForOutput = false
  isStuck = false
  /** Made when it is needed: most clients are idle, and there are many. */
  #waitingForDrain: Set<() => void> | undefined

  constructor(
    core: Core,
    stream: Duplex,
    options: { context: unknown; handler: (connection: Connection) => PacketHandler },
  ) {
    this.#core = core
    this.#unread = new UnreadBytes(core)
    this.#stream = stream
    this.context = options.context
    this.connectedAt = core.now()
    this.#lastPacketAt = this.connectedAt
    this.#aliveAt = this.connectedAt
    this.sendMaximum = core.limits.sendMaximum
    this.frames = new FrameReader(core.limits.connectPacketBytes)
    this.#handler = options.handler(this)
    stream.on('data', (chunk: Buffer) => this.#receive(chunk))
    stream.on('error', (error: Error) => this.#abort(error.message))
    stream.on('close', () => this.#abort('the connection was closed'))
    stream.on('end', () => this.#abort('the client closed the connection'))
  }

  /** Undefined until the client is admitted. */
  get info(): ConnectionInfo | undefined {
    const { id, client, version, connectedAt, context, traffic } = this
    return client && { id, client, version, connectedAt, context, traffic, lastPacketAt: this.#lastPacketAt }
  }

  /** Bytes that wait for the network. */
  get waitingBytes(): number {
    return this.#outputBytes + this.#stream.writableLength
  }

  get isCongested(): boolean {
    return this.load >= 1
  }

  get load(): number {
    const { limits, traffic } = this.#core
    const isCrowded = traffic.outgoing >= limits.outgoingBytesTotal
    return this.waitingBytes / (isCrowded ? crowdedBytes : limits.outgoingBytes)
  }

  whenDrained(callback: () => void): () => void {
    if (this.isEnded) callback()
    else (this.#waitingForDrain ??= new Set()).add(callback)
    return () => this.#waitingForDrain?.delete(callback)
  }

  /** Stops reading packets until `release` was called as often. */
  hold(): void {
    this.#holds++
  }

  release(): void {
    this.#holds--
    if (this.#holds > 0 || this.isEnded) return
    // The client could not show that it is alive while the engine did not read its packets.
    this.#aliveAt = this.#core.now()
    this.#core.turns.later(this)
  }

  write(bytes: Buffer): void {
    if (this.isEnded) return
    // No packet may be larger than the client accepts [MQTT-3.1.2-24]. Messages and reason strings were checked before.
    if (bytes.length > this.maxPacketBytes) return this.#abort('an answer is larger than the client accepts')
    if (this.#output.length === 0) this.#core.turns.flushLater(this)
    this.#output.push(bytes)
    this.#outputBytes += bytes.length
    this.traffic.packetsSent++
    this.traffic.bytesSent += bytes.length
    this.#core.traffic.outgoing += bytes.length
  }

  /** Writes a packet with a reason string, or without if the client does not want one or cannot take it [MQTT-3.1.2-29]. */
  writeWithReason(reasonString: string | undefined, encode: (text: string | undefined) => Buffer): void {
    const bytes = encode(this.acceptsProblemInformation ? reasonString : undefined)
    this.write(bytes.length > this.maxPacketBytes ? encode(undefined) : bytes)
  }

  flush(): void {
    const output = this.#output
    if (output.length === 0) return
    const joined = output.length === 1 ? output[0]! : Buffer.concat(output, this.#outputBytes)
    this.#output = []
    this.#outputBytes = 0
    this.#stream.write(joined, () => this.#written(joined.length))
    if (this.isCongested && !this.#isHeldForOutput) {
      this.#isHeldForOutput = true
      this.hold()
    }
  }

  /** Works on the packets that have arrived, until there are none or the turn is over. */
  run(): void {
    this.#readPackets()
    this.#countUnread()
  }

  #readPackets(): void {
    const slice = this.#core.turns.beginSlice()
    while (!this.isEnded && this.#holds === 0) {
      if (this.#core.turns.isSpent(slice)) {
        this.#stream.pause()
        return this.#core.turns.later(this)
      }
      const frame = this.#nextFrame()
      if (!frame) {
        this.#stream.resume()
        return
      }
      this.#handle(frame)
    }
    this.#stream.pause()
  }

  /** Ends the connection. MQTT 5 clients get a DISCONNECT with the code, if they got a CONNACK before. */
  end(ending: Ending, reasonString?: string): void {
    if (this.isEnded) return
    if (this.version === 5 && this.isReady && ending.code !== reasonCodes.success) {
      this.writeWithReason(reasonString, (text) => encodeDisconnect(ending.code, text))
    }
    this.#finish(ending)
    this.#stream.end()
    setTimeout(() => this.#stream.destroy(), lingerMs).unref()
  }

  /** Ends the connection if it is silent for one and a half times its keep alive [MQTT-3.1.2-22], or has not sent CONNECT in time. */
  checkTime(now: number): void {
    // A clock that was set back starts the time again.
    if (this.#aliveAt > now) this.#aliveAt = now
    const silentMs = now - this.#aliveAt
    if (!this.client && silentMs > this.#core.limits.connectTimeoutMs) this.#abort('no CONNECT came in time')
    else if (this.client && this.#mayTimeOut && this.keepAliveSeconds > 0 && silentMs > this.keepAliveSeconds * 1500) {
      this.end({ code: reasonCodes.keepAliveTimeout, message: 'keep alive timeout', dropsWill: false })
    }
  }

  /** While the engine does not read its packets, a client cannot show that it is alive, except by reading what was sent to it. */
  get #mayTimeOut(): boolean {
    return this.#holds === 0 || (this.#holds === 1 && this.#isHeldForOutput)
  }

  #receive(chunk: Buffer): void {
    if (this.isEnded) return
    this.traffic.bytesReceived += chunk.length
    this.frames.push(chunk)
    this.run()
  }

  /** A chunk that only waits for the next turn does not count: that is soon, and a busy server must not close clients. */
  #countUnread(): void {
    if (this.isEnded) return
    const { partialBytes, chunkBytes } = this.frames
    const isTooMuch = this.#unread.hold({ partialBytes, chunkBytes: this.#holds > 0 ? chunkBytes : 0 })
    if (isTooMuch) this.#abort('too many unread bytes')
  }

  #nextFrame(): Frame | undefined {
    try {
      return this.frames.next()
    } catch (error) {
      this.failed(error)
      return undefined
    }
  }

  #handle(frame: Frame): void {
    this.#lastPacketAt = this.#core.now()
    this.#aliveAt = this.#lastPacketAt
    this.traffic.packetsReceived++
    try {
      this.#handler.handle(frame)
    } catch (error) {
      this.failed(error)
    }
  }

  /** For what the stream calls: nobody else would catch an error. */
  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.failed(error)
    }
  }

  /** Ends the connection because of an error. A PacketError is the client's; others are reported as faults of the engine. */
  failed(error: unknown): void {
    if (!(error instanceof PacketError)) {
      // One client must not end the process for all others.
      this.#core.events.failed?.(error)
      return this.end({ code: reasonCodes.unspecifiedError, message: String(error), dropsWill: false })
    }
    const reason: EngineReason = 'malformed_connect'
    if (!this.client)
      this.#core.refused({ what: 'connect', reason, clientId: '', client: undefined, context: this.context })
    this.end({ code: error.code, message: error.message, dropsWill: false }, error.message)
  }

  #written(bytes: number): void {
    this.#core.traffic.outgoing -= bytes
    this.#aliveAt = this.#core.now()
    this.#attempt(() => this.#useRoom())
  }

  /** Room in the network: reads again, and sends what waits for the client. */
  #useRoom(): void {
    if (this.load < drainedLoad) this.#tellDrained()
    if (this.waitingBytes > this.#core.limits.outgoingBytes / 2) return
    if (this.#isHeldForOutput) {
      this.#isHeldForOutput = false
      this.release()
    }
    if (!this.isEnded) this.#handler.hasRoom()
  }

  #tellDrained(): void {
    this.isStuck = false
    const waiting = this.#waitingForDrain
    this.#waitingForDrain = undefined
    for (const callback of waiting ?? []) callback()
  }

  #abort(message: string): void {
    this.#finish({ code: reasonCodes.unspecifiedError, message, dropsWill: false })
    this.#stream.destroy()
  }

  #finish(ending: Ending): void {
    if (this.isEnded) return
    // First: what follows may throw, and an error ends the connection.
    this.isEnded = true
    this.#unread.release()
    for (const step of [() => this.flush(), () => this.#tellDrained(), () => this.#handler.ended(ending)]) {
      this.#attempt(step)
    }
  }
}
