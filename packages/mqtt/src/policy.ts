/**
 * The port through which the engine asks who may do what. The embedder implements it. The engine does not look into
 * reasons and data: it hands them back.
 */
import type { QoS, Version } from './packets/packets.ts'

/** The answer "no". */
export interface Refused {
  /** Why, in the embedder's words. The engine passes it to `events.refused` and to `reasonFor`. */
  refused: unknown
}

/** The answer "yes" to CONNECT. */
export interface Admitted {
  /** Bounds are counted per user, and a client id belongs to the user who holds its session. */
  user: string
  /** Kept as `Client.data`, for the other questions. */
  data: unknown
  /** Text of the embedder that is stored with the session or will, and given to `restore` after a restart. */
  memo?: string
  /**
   * The engine calls it in the step that begins the session. True: what the answer depends on has changed since. Then the engine asks
   * `connect` again, so no client is admitted by rights that were withdrawn meanwhile.
   */
  isOutdated?(): boolean
}

/** Who a question is about. The same object as long as the session is not taken up by a new connection. */
export interface Client {
  readonly clientId: string
  readonly user: string
  readonly data: unknown
}

export interface ConnectRequest {
  clientId: string
  version: Version
  isClean: boolean
  username: string | undefined
  /** Shares memory with the packet: copy what is kept. */
  password: Buffer | undefined
  will: PublishRequest | undefined
  userProperties: readonly [name: string, value: string][]
}

export interface PublishRequest {
  topic: string
  qos: QoS
  retain: boolean
  isWill: boolean
}

export interface SubscribeRequest {
  /** The filter that is judged. For a shared subscription the part behind `$share/<group>/`. */
  filter: string
  group: string | undefined
  qos: QoS
}

/** A client of which a session or a will is stored. */
export interface StoredClient {
  clientId: string
  user: string
  /** What `Admitted.memo` was when its last connection began. */
  memo: string | undefined
  /** The filters of its subscriptions, as `SubscribeRequest.filter`. */
  filters: readonly string[]
}

/** How a refusal is told to the client. */
export interface RefusalAnswer {
  /** A reason code of MQTT 5 (§2.4), 0x80 or higher. MQTT 3.1.1 clients get the nearest code that they know. */
  code: number
  /** The reason string of MQTT 5. Only sent to clients that accept one. */
  text?: string
}

/** Everything but `connect` is answered at once: the engine asks for every packet. */
export interface Policy {
  /** @param context what `Engine.accept` was given. */
  connect(request: ConnectRequest, context: unknown): Promise<Admitted | Refused>
  /** @returns the topic under which the message is published, with the user's prefix if there is one. */
  publish(client: Client, request: PublishRequest): { topic: string } | Refused
  /** @returns the granted QoS, not above the one asked for. Asked again when a stored session is taken up. */
  subscribe(client: Client, request: SubscribeRequest): { qos: QoS } | Refused
  /** May this client receive a message of this topic now? Asked for every message, also for queued ones. */
  deliver(client: Client, topic: string): boolean
  /**
   * Asked at the start of the engine for every stored session and will, before anything of them takes effect. A refused one is deleted.
   * @param stored at most 100 at once. @returns one answer for each, in the same order.
   */
  restore(stored: readonly StoredClient[]): Promise<(Admitted | Refused)[]>
  reasonFor(refused: unknown): RefusalAnswer
}

export function isRefused(answer: object): answer is Refused {
  return 'refused' in answer
}
