/** What the engine reports to the embedder, for logs, figures and lists of decisions. */
import type { Message } from './message.ts'
import type { QoS, Version } from './packets/packets.ts'
import type { Client } from './policy.ts'
import type { Traffic } from './traffic.ts'

/** Refusals that the engine decides itself. The reasons of the policy are the embedder's. */
export type EngineReason =
  /** A CONNECT that cannot be read, or another packet in its place. */
  | 'malformed_connect'
  | 'client_id_of_another_user'
  | 'client_id_missing'
  | 'client_id_too_long'
  | 'enhanced_authentication'
  | 'too_many_connections'
  | 'too_many_sessions'
  | 'connects_too_fast'
  | 'will_quota'
  | 'topic_too_deep'
  | 'filter_invalid'
  | 'subscription_quota'
  | 'retained_quota'

export interface Refusal {
  what: 'connect' | 'publish' | 'subscribe'
  /** An `EngineReason`, or what the policy gave. */
  reason: unknown
  /** The client id of the packet. Nobody has proved it yet if `what` is `connect`. */
  clientId: string
  /** Undefined if the policy has not admitted the client. */
  client: Client | undefined
  /** Given to `Engine.accept`. Undefined for a will, and for a session that is judged again. */
  context: unknown
  topic?: string
}

/** A message that the engine did not deliver, without a refusal. */
export type DropReason = 'queue_full' | 'slow_reader' | 'larger_than_client_accepts' | 'not_permitted'

/** All methods are optional. They are called synchronously and must not throw. */
export interface Events {
  connected?(connection: ConnectionInfo): void
  disconnected?(connection: ConnectionInfo, cause: Ending): void
  /** The session is over: the client id is free, unless a new session begins in the same step. */
  sessionEnded?(client: Client): void
  refused?(refusal: Refusal): void
  dropped?(client: Client, topic: string, reason: DropReason): void
  published?(client: Client, message: { topic: string; bytes: number }): void
  /** The engine made a mistake. It ended the connection for which it worked, if there was one; the others go on. */
  failed?(error: unknown): void
  /** The store did not commit. The engine tries again every second; nothing is acknowledged meanwhile. */
  storeFailed?(error: unknown): void
}

/** How a connection ended. */
export interface Ending {
  /** A reason code of MQTT 5. */
  code: number
  message: string
  /** The client said goodbye, or the embedder ended the connection: its will is not published. */
  dropsWill: boolean
}

export interface ConnectionInfo {
  /** Unique in this engine. */
  id: number
  client: Client
  version: Version
  connectedAt: number
  context: unknown
  /** The counters of the connection: they go on counting. */
  traffic: Readonly<Traffic>
  /** When its last packet came. Milliseconds since 1970, as `connectedAt`. */
  lastPacketAt: number
}

export interface SessionInfo {
  clientId: string
  user: string
  isConnected: boolean
  /** Milliseconds since 1970; undefined while it is connected. */
  expiresAt: number | undefined
  subscriptions: number
  queued: { count: number; bytes: number }
}

export interface RetainedInfo {
  topic: string
  /** Who published it. */
  user: string
  /** Of the payload. */
  bytes: number
  /** When it came. Milliseconds since 1970; 0 means unknown. */
  at: number
  /** Milliseconds since 1970; 0 means never. */
  expiresAt: number
}

export interface RetainedContent extends RetainedInfo {
  qos: QoS
  payload: Buffer
}

/** The engine calls it for every message that it delivers, from clients and from the embedder. It must be quick. */
export interface MessageWatcher {
  /**
   * @param message its payload is part of the socket's buffer, which does not change but stays in memory with it: copy what is kept for
   *   longer than a moment.
   * @param now milliseconds since 1970.
   */
  published(message: WatchedMessage, now: number): void
  /** The retained message of a topic was deleted, or has expired. */
  retainedEnded(topic: string): void
}

export type WatchedMessage = Readonly<Pick<Message, 'topic' | 'payload' | 'qos' | 'retain'>>
