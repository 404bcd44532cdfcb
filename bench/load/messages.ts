/** One publisher and one subscriber at full speed, QoS 0. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { generate, type Packet, type Parser, parser } from 'mqtt-packet'
import { type Carrier, tcp } from './carriers.ts'

export interface Account {
  username?: string
  password?: string
}

export const topic = 'bench/line-1/temperature'
const perWrite = 50

/** Resolves when the subscribers have received all messages. */
export async function publishAndReceive(
  port: number,
  account: Account,
  { count, subscribers: wanted = 1, carrier = tcp }: { count: number; subscribers?: number; carrier?: Carrier },
): Promise<void> {
  const subscribers: Peer[] = []
  for (let i = 0; i < wanted; i++) {
    const subscriber = await join(port, account, { clientId: `bench-subscriber-${i}`, carrier })
    await subscribe(subscriber, 0)
    subscribers.push(subscriber)
  }
  const publisher = await join(port, account, { clientId: 'bench-publisher', carrier })
  const arrived = subscribers.map((subscriber) => countMessages(subscriber, count))
  await publish(publisher, count)
  await Promise.all(arrived)
  for (const { socket } of [...subscribers, publisher]) {
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
  }
}

export interface Peer {
  socket: Socket
  carrier: Carrier
  packets: Parser
  next: (cmd: Packet['cmd']) => Promise<Packet>
}

export async function join(
  port: number,
  { username, password }: Account,
  options: { clientId: string; clean?: boolean; carrier?: Carrier; keepAlive?: number },
): Promise<Peer> {
  const { clientId, clean = true, carrier = tcp, keepAlive: keepalive = 0 } = options
  const socket = await carrier.open(port)
  const packets = parser()
  const unpack = carrier.unpacker()
  socket.on('data', (data: Buffer) => packets.parse(unpack(data)))
  const next = async (cmd: Packet['cmd']): Promise<Packet> => {
    const [packet] = (await once(packets, 'packet')) as [Packet]
    if (packet.cmd !== cmd) throw new Error(`${packet.cmd} where ${cmd} was expected`)
    return packet
  }
  const connack = next('connack')
  const packet = generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean,
    clientId,
    keepalive,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: Buffer.from(password) }),
  })
  socket.write(carrier.pack(packet))
  const answer = await connack
  if (answer.cmd !== 'connack' || answer.returnCode !== 0) throw new Error(`${clientId} was refused`)
  return { socket, carrier, packets, next }
}

export async function subscribe({ socket, carrier, next }: Peer, qos: 0 | 1): Promise<void> {
  const suback = next('suback')
  socket.write(carrier.pack(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'bench/#', qos }] })))
  const answer = await suback
  if (answer.cmd !== 'suback' || answer.granted[0] !== qos) throw new Error('The subscription was refused')
}

// Counts bytes instead of parsing: all messages have the same size, and the receiver must not slow the sender.
function countMessages({ socket, carrier }: Peer, count: number): Promise<void> {
  let missingBytes = message().length * count
  const unpack = carrier.unpacker()
  socket.removeAllListeners('data')
  return new Promise((done, fail) => {
    socket.once('close', () => fail(new Error('The subscriber was cut off')))
    socket.on('data', (data) => {
      missingBytes -= unpack(data).length
      if (missingBytes <= 0) done()
    })
  })
}

async function publish({ socket, carrier }: Peer, count: number): Promise<void> {
  const packet = carrier.pack(message())
  const batch = Buffer.concat(Array.from({ length: perWrite }, () => packet))
  for (let sent = 0; sent < count; sent += perWrite) {
    const rest = Math.min(perWrite, count - sent)
    if (!socket.write(batch.subarray(0, rest * packet.length))) await once(socket, 'drain')
  }
}

function message(): Buffer {
  return generate({ cmd: 'publish', topic, payload: Buffer.alloc(100, 'x'), qos: 0, dup: false, retain: false })
}
