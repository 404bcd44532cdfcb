/** One client that gives the broker as much work as it can, in a thread of its own. Ends with the thread. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { generate } from 'mqtt-packet'
import { type Account, join, type Peer, subscribe } from './messages.ts'

export const attacks = [
  'QoS 0 flood',
  'fan-out to 200',
  'SUBSCRIBE of 500 filters',
  'SUBSCRIBE of 70,000 filters',
  'filters of 64 KiB',
  'QoS 2 without PUBREL',
  'retained on new topics',
  'retained again and again',
] as const
/** The broker ends the connection of these. They connect again at once. */
const reconnecting: readonly Attack[] = ['SUBSCRIBE of 70,000 filters', 'QoS 2 without PUBREL']
export type Attack = (typeof attacks)[number]

export interface AttackOrder {
  port: number
  account: Account
  attack: Attack
  /** Messages that are retained before the attack begins. */
  retained: number
}

const filtersAtOnce = 500

if (parentPort) {
  const order = workerData as AttackOrder
  const { port, account, attack } = order
  if (reconnecting.includes(attack)) {
    const packets = attack === 'QoS 2 without PUBREL' ? unreleased() : subscription(shortFilters(70_000))
    parentPort.postMessage('ready')
    for (;;) await connectAndSend(port, account, packets)
  }
  const peer = await join(port, account, { clientId: 'bench-attacker' })
  peer.socket.removeAllListeners('data').resume()
  // The measurement fails then: it would be one without an attacker.
  peer.socket.once('close', () => {
    throw new Error(`The attacker was cut off: ${attack}`)
  })
  const packets = await prepare(peer, order)
  parentPort.postMessage('ready')
  for (let sent = 0; ; sent++) {
    const bytes = attack === 'retained on new topics' ? newTopics(sent) : packets
    if (!peer.socket.write(bytes)) await once(peer.socket, 'drain')
  }
}

/** Resolves when the broker has ended the connection, or refused it. */
async function connectAndSend(port: number, account: Account, packets: Buffer): Promise<void> {
  try {
    const { socket } = await join(port, account, { clientId: 'bench-attacker' })
    socket.on('error', () => {})
    const closed = once(socket, 'close')
    socket.removeAllListeners('data').resume().write(packets)
    await closed
  } catch {
    await wait(1)
  }
}

/** @returns what the attacker sends in a loop. */
async function prepare({ socket }: Peer, { port, account, attack, retained }: AttackOrder): Promise<Buffer> {
  const message = publish('bench/attack', false)
  if (attack === 'fan-out to 200') await joinMany(port, account)
  if (attack === 'retained again and again') {
    for (let i = 0; i < retained; i++) {
      if (!socket.write(publish(`bench/retained/${i % 200}/${i}`, true))) await once(socket, 'drain')
    }
    return subscription(['bench/retained/#'])
  }
  if (attack === 'SUBSCRIBE of 500 filters') {
    const filters = Array.from({ length: filtersAtOnce }, (_each, i) => `bench/${i}/+/a/b/c/d/e/#`)
    return Buffer.concat([
      subscription(filters),
      generate({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: filters }),
    ])
  }
  if (attack === 'filters of 64 KiB') {
    const filters = Array.from({ length: 15 }, (_each, i) => `bench/${i}/${'x'.repeat(65_000)}`)
    return Buffer.concat([
      subscription(filters),
      generate({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: filters }),
    ])
  }
  return Buffer.concat(Array.from({ length: 50 }, () => message))
}

/** More messages than the broker keeps for one client. */
function unreleased(): Buffer {
  const publishes = Array.from({ length: 2_000 }, (_each, i) =>
    generate({
      cmd: 'publish',
      topic: 'bench/attack',
      payload: Buffer.alloc(500),
      qos: 2,
      messageId: i + 1,
      dup: false,
      retain: false,
    }),
  )
  return Buffer.concat(publishes)
}

/** Fills the share of a user in the retained messages, and goes on. */
function newTopics(sent: number): Buffer {
  return Buffer.concat(Array.from({ length: 50 }, (_each, i) => publish(`bench/new/${sent}/${i}`, true)))
}

function shortFilters(count: number): string[] {
  return Array.from({ length: count }, (_each, i) => `bench/${i}`)
}

async function joinMany(port: number, account: Account): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const subscriber = await join(port, account, { clientId: `bench-subscriber-${i}` })
    await subscribe(subscriber, 0)
    subscriber.socket.removeAllListeners('data').resume()
  }
}

function publish(topic: string, retain: boolean): Buffer {
  return generate({ cmd: 'publish', topic, payload: Buffer.alloc(50, 'x'), qos: 0, dup: false, retain })
}

function subscription(filters: string[]): Buffer {
  return generate({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: filters.map((topic) => ({ topic, qos: 0 as const })),
  })
}
