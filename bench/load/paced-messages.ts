/** A publisher that sends at a given pace, to one subscriber. QoS 0. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { generate } from 'mqtt-packet'
import { type Account, join, subscribe } from './messages.ts'

const topicCount = 200
const betweenWritesMs = 5

/** Resolves when the subscriber has received all `count` messages, of 100 bytes on 200 topics. */
export async function publishPaced(
  port: number,
  account: Account,
  { count, perSecond }: { count: number; perSecond: number },
): Promise<void> {
  const subscriber = await join(port, account, { clientId: 'bench-paced-subscriber' })
  await subscribe(subscriber, 0)
  const publisher = await join(port, account, { clientId: 'bench-paced-publisher' })
  const packets = Array.from({ length: topicCount }, (_, at) => message(at))
  let missingBytes = count * (packets[0]?.length ?? 0)
  const arrived = new Promise<void>((done, fail) => {
    subscriber.socket.removeAllListeners('data')
    subscriber.socket.once('close', () => fail(new Error('The subscriber was cut off')))
    subscriber.socket.on('data', (data: Buffer) => {
      missingBytes -= data.length
      if (missingBytes <= 0) done()
    })
  })
  const startedAt = performance.now()
  for (let sent = 0; sent < count; ) {
    await wait(betweenWritesMs)
    const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond))
    const batch = Array.from({ length: due - sent }, (_, at) => packets[(sent + at) % topicCount] ?? Buffer.alloc(0))
    publisher.socket.write(Buffer.concat(batch))
    sent = due
  }
  await arrived
  for (const { socket } of [subscriber, publisher]) {
    const closed = once(socket, 'close')
    socket.destroy()
    await closed
  }
}

/** All have the same size. */
function message(at: number): Buffer {
  const topic = `bench/line-${String(at).padStart(3, '0')}/temperature`
  return generate({ cmd: 'publish', topic, payload: Buffer.alloc(100, 'x'), qos: 0, dup: false, retain: false })
}
