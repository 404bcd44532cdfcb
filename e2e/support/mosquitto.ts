/** Debian's `mosquitto_sub` and `mosquitto_pub` as independent clients. */
import type { KeyPair } from './openssl.ts'
import { end, follow, Timeline } from './outside.ts'

export interface Login {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  url: string
  clientId?: string
  username?: string
  password?: string
  /** The CA file by which the client verifies the broker's certificate; required for `mqtts:`. */
  caFile?: string
  certificate?: KeyPair
  tls?: '1.2' | '1.3'
}

export type MosquittoEvent =
  | { kind: 'connect' }
  | { kind: 'connack'; code: number }
  | { kind: 'suback'; codes: number[] }
  | { kind: 'puback' }
  | { kind: 'message'; topic: string; payload: string; isRetained: boolean }
  | { kind: 'error'; text: string }
  | { kind: 'exit'; code: number | null }

type EventOf<Kind extends MosquittoEvent['kind']> = Extract<MosquittoEvent, { kind: Kind }>

/**
 * A running client. If TLS ends without a close it exits at once. On a plain connection it reconnects after a second,
 * and `ended()` sees the loss by that attempt, up to a second late.
 */
export class MosquittoClient {
  readonly timeline = new Timeline<MosquittoEvent>()
  readonly #child

  constructor(command: 'mosquitto_sub' | 'mosquitto_pub', args: string[]) {
    // stdbuf: in a pipe the debug lines would arrive only with the next message.
    this.#child = follow('stdbuf', ['-oL', command, '-d', ...args], (line) => {
      const event = parseLine(line)
      if (event) this.timeline.add(event)
    })
    this.#child.once('close', (code) => this.timeline.add({ kind: 'exit', code }))
  }

  async connack(): Promise<number> {
    return (await this.#first('connack')).code
  }

  /** One code per topic, in the order of the topics: the granted QoS, or 128 for a refusal. */
  async suback(): Promise<number[]> {
    return (await this.#first('suback')).codes
  }

  async message(topic: string, timeoutMs?: number): Promise<EventOf<'message'>> {
    const isIt = (event: MosquittoEvent): event is EventOf<'message'> =>
      event.kind === 'message' && event.topic === topic
    return this.timeline.until(`message on ${topic}`, isIt, timeoutMs)
  }

  async exit(timeoutMs?: number): Promise<{ code: number | null; at: number }> {
    return this.#first('exit', timeoutMs)
  }

  /** Waits for the first error of the client, and returns its text. */
  async failed(): Promise<string> {
    return (await this.#first('error')).text
  }

  /** When the connection ended (`Date.now()`). */
  async ended(timeoutMs?: number): Promise<number> {
    const first = await this.#first('connect')
    const isOver = (event: MosquittoEvent): event is MosquittoEvent =>
      event.kind === 'exit' || event.kind === 'error' || (event.kind === 'connect' && event !== first)
    return (await this.timeline.until('end of the connection', isOver, timeoutMs)).at
  }

  stop(): Promise<void> {
    return end(this.#child, 'SIGKILL')
  }

  #first<Kind extends MosquittoEvent['kind']>(kind: Kind, timeoutMs?: number) {
    return this.timeline.until(kind, (event): event is EventOf<Kind> => event.kind === kind, timeoutMs)
  }
}

/**
 * Connects and subscribes. `keepSession`: the broker keeps the subscriptions while the client is away (needs a
 * `clientId`).
 */
export function subscribe(login: Login, topics: string[], options: { qos?: 0 | 1 | 2; keepSession?: boolean } = {}) {
  const session = options.keepSession ? ['--disable-clean-session'] : []
  const topicArgs = topics.flatMap((topic) => ['-t', topic])
  const format = ['-F', '%j', '-q', String(options.qos ?? 0)]
  return new MosquittoClient('mosquitto_sub', [...loginArgs(login), ...format, ...session, ...topicArgs])
}

/** Publishes one message and waits until the client exits; `code` is 0 if it reports success. */
export async function publish(
  login: Login,
  topic: string,
  payload: string,
  options: { qos?: 0 | 1 | 2; retain?: boolean } = {},
) {
  const retain = options.retain ? ['-r'] : []
  const message = ['-t', topic, '-m', payload, '-q', String(options.qos ?? 1), ...retain]
  const client = new MosquittoClient('mosquitto_pub', [...loginArgs(login), ...message])
  try {
    const { code } = await client.exit()
    const connack = client.timeline.events.find((event) => event.kind === 'connack')
    return { code, connack: connack?.code, events: client.timeline.events }
  } finally {
    await client.stop()
  }
}

function loginArgs({ url, clientId, username, password, caFile, certificate, tls }: Login): string[] {
  const { hostname, port } = new URL(url)
  const given = {
    '-h': hostname,
    '-p': port,
    '-i': clientId,
    '-u': username,
    '-P': password,
    '--cafile': caFile,
    '--cert': certificate?.certificate,
    '--key': certificate?.key,
    '--tls-version': tls && `tlsv${tls}`,
  }
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
}

function parseLine(line: string): MosquittoEvent | undefined {
  if (line.startsWith('{')) {
    const { topic, payload, retain } = JSON.parse(line) as { topic: string; payload: string; retain: number }
    return { kind: 'message', topic, payload, isRetained: retain === 1 }
  }
  const connack = /received CONNACK \((\d+)\)/.exec(line)
  if (connack) return { kind: 'connack', code: Number(connack[1]) }
  const suback = /^Subscribed \(mid: \d+\): (.*)$/.exec(line)
  if (suback) return { kind: 'suback', codes: String(suback[1]).split(',').map(Number) }
  if (line.endsWith('sending CONNECT')) return { kind: 'connect' }
  if (line.includes('received PUBACK')) return { kind: 'puback' }
  if (/^(Error|Connection error|OpenSSL Error|Unable)/.test(line)) return { kind: 'error', text: line }
  return undefined
}
