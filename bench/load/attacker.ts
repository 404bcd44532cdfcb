/** One client that gives the broker as much work as it can, in a thread of its own. Ends with the thread. */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { generate } from 'mqtt-packet'
import { type Account, join, type Peer, subscribe } from './messages.ts'

export const attacks = [
  'QoS 0 flood',
  'fan-out to 200',
  'SUBSCRIBE of 500 filters',
  'retained again and again',
] as const
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
  const { port, account, attack, retained } = workerData as AttackOrder
  const peer = await join(port, account, { clientId: 'bench-attacker' })
  peer.socket.removeAllListeners('data').resume()
  // The measurement fails then: it would be one without an attacker.
  peer.socket.once('close', () => {
    throw new Error(`The attacker was cut off: ${attack}`)
  })
  const packets = await prepare(peer, { port, account, attack, retained })
  parentPort.postMessage('ready')
  for (;;) if (!peer.socket.write(packets)) await once(peer.socket, 'drain')
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
  return Buffer.concat(Array.from({ length: 50 }, () => message))
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
