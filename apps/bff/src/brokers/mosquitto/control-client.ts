/**
 * Requests over `$CONTROL/…` topics, as Mosquitto's dynamic-security plugin and Cedalo's plugins answer them: commands in, one
 * response for each command out, matched by `correlationData`. Answers go to every subscriber of the response topic, so those of
 * another console arrive here too and are dropped.
 */
import { randomBytes } from 'node:crypto'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { guardFrames } from './frame-guard.ts'

export interface ControlAddress {
  host: string
  port: number
  tls: boolean
  /** PEM of the CA that signed the server's certificate. Null: the CAs of Node. */
  ca: string | null
  username: string
  password: string
}

export interface ControlResponse {
  command: string
  /** What the broker refused. The command had no effect. */
  error?: string
  data?: Record<string, unknown>
}

export type ControlFault = 'not_connected' | 'no_answer' | 'too_large' | 'not_permitted'

/** Nothing is known about the effect of the commands. */
export class ControlError extends Error {
  override name = 'ControlError'
  readonly code: ControlFault
  constructor(code: ControlFault, options?: ErrorOptions) {
    super(code, options)
    this.code = code
  }
}

export type ConnectFault = 'unreachable' | 'tls' | 'not_authorized' | 'protocol'

export interface ControlClient {
  readonly isConnected: boolean
  /** Why the last attempt to connect failed. Null: it did not. */
  readonly fault: ConnectFault | null
  /** Live connections of the broker, without this one, a few seconds old. Null: not counted, or not published. */
  readonly connections: number | null
  /** Sends the commands in one message and waits for all responses, in the order of the commands. Rejects with `ControlError`. */
  send(topic: string, commands: readonly Readonly<Record<string, unknown>>[]): Promise<ControlResponse[]>
  close(): Promise<void>
}

export interface ControlOptions {
  onConnect?(): void
  onDisconnect?(): void
  /** Default: thirty seconds. A Mosquitto with many users needs a second for some commands. */
  answerWithinMs?: number
  /** Reads how many connections the broker has, if it permits that. */
  countsConnections?: true
}

const defaultAnswerWithinMs = 30_000
const connectWithinMs = 10_000
const reconnectEveryMs = 1_000
const maxAnswerBytes = 16 * 1024 * 1024
/** Of the commands of one message. */
export const maxCommandBytes = 1024 * 1024
/** Mosquitto publishes it every `sys_interval`, by default ten seconds, and retains it. */
const connectedTopic = '$SYS/broker/clients/connected'
const maxPending = 5_000

interface Pending {
  resolve(response: ControlResponse): void
  reject(error: ControlError): void
}

/** Connects, and connects again after each loss, until it is closed. */
export function connectControl(address: ControlAddress, options: ControlOptions = {}): ControlClient {
  return new Control(address, options)
}

class Control implements ControlClient {
  // Two consoles on one broker never use the same id.
  readonly #prefix = `gatehouse-${randomBytes(9).toString('base64url')}`
  readonly #client: MqttClient
  readonly #pending = new Map<string, Pending>()
  readonly #topics = new Map<string, Promise<void>>()
  /** Message ids of commands that the broker has not acknowledged. */
  readonly #unacknowledged = new Set<number>()
  readonly #answerWithinMs: number
  #isReady = false
  #fault: ConnectFault | null = null
  #connections: number | null = null
  #count = 0

  constructor(address: ControlAddress, options: ControlOptions) {
    this.#answerWithinMs = options.answerWithinMs ?? defaultAnswerWithinMs
    this.#client = mqtt.connect(optionsFor(address, this.#prefix))
    this.#client.on('connect', () => {
      guardFrames(this.#client.stream, maxAnswerBytes)
      this.#isReady = true
      this.#fault = null
      // If the broker refuses the subscription, there is no number.
      if (options.countsConnections) this.#client.subscribe(connectedTopic, { qos: 0 }, () => {})
      options.onConnect?.()
    })
    this.#client.on('message', (topic, payload) => this.#receive(topic, payload))
    this.#client.on('error', (error) => {
      this.#fault = faultOf(error)
    })
    this.#client.on('close', () => {
      this.#lost()
      options.onDisconnect?.()
    })
  }

  get isConnected(): boolean {
    // mqtt.js sets its own flag before it emits `connect`. Until then the subscriptions of the last connection are still noted.
    return this.#isReady && this.#client.connected
  }

  get fault(): ConnectFault | null {
    return this.#fault
  }

  get connections(): number | null {
    return this.#connections
  }

  async send(topic: string, commands: readonly Readonly<Record<string, unknown>>[]): Promise<ControlResponse[]> {
    if (!this.isConnected) throw new ControlError('not_connected')
    if (this.#pending.size + commands.length > maxPending) throw new ControlError('too_large')
    await this.#listen(`${topic}/response`)
    // mqtt.js would keep the message for the next connection.
    if (!this.isConnected) throw new ControlError('not_connected')
    const numbered = commands.map((command) => ({ ...command, correlationData: `${this.#prefix}-${++this.#count}` }))
    const payload = JSON.stringify({ commands: numbered })
    if (Buffer.byteLength(payload) > maxCommandBytes) throw new ControlError('too_large')
    const ids = numbered.map(({ correlationData }) => correlationData)
    const answered = Promise.all(ids.map((id) => this.#expect(id)))
    const timer = setTimeout(() => this.#reject(ids, 'no_answer'), this.#answerWithinMs)
    this.#publish(topic, payload, (error) => {
      // MQTT 5 reason 135, or 131 of a plugin. Only the responses say whether a command had an effect.
      if (error) this.#reject(ids, this.isConnected ? 'not_permitted' : 'not_connected')
    })
    try {
      return await answered
    } finally {
      clearTimeout(timer)
      for (const id of ids) this.#pending.delete(id)
    }
  }

  async close(): Promise<void> {
    this.#lost()
    await this.#client.endAsync(true)
  }

  #publish(topic: string, payload: string, onEnd: (error?: Error) => void): void {
    this.#client.publish(topic, payload, { qos: 1 }, (error) => {
      this.#unacknowledged.delete(messageId)
      onEnd(error)
    })
    const messageId = this.#client.getLastMessageId()
    this.#unacknowledged.add(messageId)
  }

  /**
   * mqtt.js would send a message that was not acknowledged again on the next connection. It is dropped here: the desired state may
   * have changed, so it is compared anew.
   */
  #lost(): void {
    this.#isReady = false
    this.#connections = null
    this.#topics.clear()
    for (const messageId of this.#unacknowledged) this.#client.removeOutgoingMessage(messageId)
    this.#unacknowledged.clear()
    this.#reject([...this.#pending.keys()], 'not_connected')
  }

  /** Subscribes once for each connection. */
  #listen(topic: string): Promise<void> {
    const known = this.#topics.get(topic)
    if (known) return known
    const subscribed = this.#subscribe(topic)
    this.#topics.set(topic, subscribed)
    subscribed.catch(() => this.#topics.delete(topic))
    return subscribed
  }

  async #subscribe(topic: string): Promise<void> {
    try {
      // mqtt.js rejects where the broker refuses a filter.
      await this.#client.subscribeAsync(topic, { qos: 0 })
    } catch (error) {
      throw new ControlError(this.isConnected ? 'not_permitted' : 'not_connected', { cause: error })
    }
  }

  #expect(id: string): Promise<ControlResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<ControlResponse>()
    this.#pending.set(id, { resolve, reject })
    return promise
  }

  /** Anything that is not a response to a command of ours is dropped: late, duplicate, foreign or garbled. */
  #receive(topic: string, payload: Buffer): void {
    if (topic === connectedTopic) this.#connections = readCount(payload)
    if (!topic.endsWith('/response') || payload.length > maxAnswerBytes) return
    for (const { correlationData, ...response } of readResponses(payload)) {
      const pending = this.#pending.get(correlationData)
      if (!pending) continue
      this.#pending.delete(correlationData)
      pending.resolve(response)
    }
  }

  #reject(ids: readonly string[], code: ControlFault): void {
    for (const id of ids) {
      this.#pending.get(id)?.reject(new ControlError(code))
      this.#pending.delete(id)
    }
  }
}

function optionsFor({ host, port, tls, ca, username, password }: ControlAddress, clientId: string): IClientOptions {
  return {
    protocol: tls ? 'mqtts' : 'mqtt',
    host,
    port,
    username,
    password,
    clientId,
    protocolVersion: 5,
    clean: true,
    // See `#lost`.
    queueQoSZero: false,
    resubscribe: false,
    reconnectPeriod: reconnectEveryMs,
    // After a CONNACK with an error too: the operator may still create the user on the broker.
    reconnectOnConnackError: true,
    connectTimeout: connectWithinMs,
    keepalive: 20,
    properties: { maximumPacketSize: maxAnswerBytes },
    ...(tls && { rejectUnauthorized: true, ...(ca !== null && { ca }) }),
  }
}

function faultOf(error: Error & { code?: unknown }): ConnectFault {
  if (typeof error.code === 'number') return 'not_authorized'
  const code = typeof error.code === 'string' ? error.code : ''
  if (/^(ECONN|EHOST|ENET|ENOTFOUND|EAI|ETIMEDOUT|EPIPE)/.test(code)) return 'unreachable'
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)) return 'tls'
  return error.message.includes('timeout') || error.message.includes('closed') ? 'unreachable' : 'protocol'
}

/** Null: not a number of connections. The broker counts this one too. */
function readCount(payload: Buffer): number | null {
  const text = payload.length > 10 ? '' : payload.toString('latin1')
  return /^\d+$/.test(text) ? Math.max(0, Number(text) - 1) : null
}

function readResponses(payload: Buffer): (ControlResponse & { correlationData: string })[] {
  try {
    const { responses } = JSON.parse(payload.toString('utf8')) as { responses?: unknown }
    return Array.isArray(responses) ? responses.flatMap(readResponse) : []
  } catch {
    return [] // not JSON; the sender's commands will time out
  }
}

function readResponse(value: unknown): (ControlResponse & { correlationData: string })[] {
  if (typeof value !== 'object' || value === null) return []
  const { command, error, data, correlationData } = value as Record<string, unknown>
  if (typeof correlationData !== 'string') return []
  return [
    {
      command: typeof command === 'string' ? command : '',
      correlationData,
      ...(error !== undefined && { error: typeof error === 'string' ? error.slice(0, 500) : 'error' }),
      ...(typeof data === 'object' && data !== null && { data: data as Record<string, unknown> }),
    },
  ]
}
