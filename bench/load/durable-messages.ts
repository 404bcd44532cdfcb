/** One publisher and one subscriber with a durable session, QoS 1 on plain TCP. Both sides acknowledge. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { generate, type Packet } from 'mqtt-packet'
import { type Account, join, subscribe, topic } from './messages.ts'

const identifiers = 60_000

/**
 * Resolves when the publisher has all acknowledgements and the subscriber all messages. At most `window` messages are on their
 * way: not acknowledged, or not received.
 */
export async function publishDurably(
  port: number,
  account: Account,
  { count, window }: { count: number; window: number },
): Promise<void> {
  const subscriber = await join(port, account, { clientId: 'bench-durable-subscriber', clean: false })
  const publisher = await join(port, account, { clientId: 'bench-durable-publisher' })
  await subscribe(subscriber, 1)
  const progress = { sent: 0, acknowledged: 0, received: 0 }
  const whole = Promise.withResolvers<void>()
  const goOn = (): void => {
    const done = Math.min(progress.acknowledged, progress.received)
    if (done === count) whole.resolve()
    while (progress.sent < count && progress.sent - done < window) {
      writeTogether(publisher.socket, message((progress.sent++ % identifiers) + 1))
    }
  }
  publisher.packets.on('packet', ({ cmd }: Packet) => {
    if (cmd !== 'puback') return
    progress.acknowledged++
    goOn()
  })
  subscriber.packets.on('packet', (packet: Packet) => {
    if (packet.cmd !== 'publish') return
    progress.received++
    writeTogether(subscriber.socket, generate({ cmd: 'puback', messageId: packet.messageId ?? 0 }))
    goOn()
  })
  for (const { socket } of [subscriber, publisher]) {
    socket.once('close', () => whole.reject(new Error('A client was cut off')))
  }
  goOn()
  await whole.promise
  for (const { socket } of [subscriber, publisher]) {
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
  }
}

/** What is written in one turn becomes one write. */
function writeTogether(socket: Socket, bytes: Buffer): void {
  if (socket.writableCorked === 0) {
    socket.cork()
    setImmediate(() => socket.uncork())
  }
  socket.write(bytes)
}

function message(messageId: number): Buffer {
  return generate({
    cmd: 'publish',
    topic,
    payload: Buffer.alloc(100, 'x'),
    qos: 1,
    messageId,
    dup: false,
    retain: false,
  })
}
