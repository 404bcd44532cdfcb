/** Mutated packets: no exception escapes, nothing grows past its bounds, no other client notices. */
import { expect, test } from 'vitest'
import * as raw from './testing/raw-packets.ts'
import { join, RawClient, startWorld, subscribe } from './testing/world.ts'

const seconds = process.env['GATEHOUSE_TEST_ALL'] ? 600 : 3

const { byte, text, uint16, uint32, user } = raw.property
const will = { topic: 'w', qos: 1, retain: true, properties: [uint32(0x18, 1), user('a', 'b')] }

function seedsFor(version: number): Buffer[] {
  const given = version === 5 ? [user('a', 'b'), text(8, 'reply'), byte(1, 1), uint16(0x23, 2), uint32(2, 60)] : []
  return [
    raw.publish({ version, topic: 'a/b', properties: given }),
    raw.publish({ version, topic: 'a/c', qos: 1, retain: true, payload: 'x'.repeat(200), properties: given }),
    raw.publish({ version, topic: 'a/d', qos: 2, id: 3 }),
    raw.pubrel(3),
    raw.pubrec(1),
    raw.puback(1),
    raw.pubcomp(1),
    raw.subscribe(
      [
        ['a/#', 2],
        ['$share/g/+/b', 1],
        ['#', 0],
      ],
      { version },
    ),
    raw.unsubscribe(['a/#', 'b'], { version }),
    raw.pingreq,
    raw.connect({ version, clientId: 'again', will }),
    raw.disconnect(),
  ]
}

/** A small generator of its own, so that a failure can be repeated from its seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutate(stream: Buffer, random: (below: number) => number): Buffer {
  const bytes = Buffer.from(stream)
  for (let i = random(6); i > 0; i--) bytes[random(bytes.length)] = random(256)
  if (random(4) > 0) return bytes
  const at = random(bytes.length)
  // Cut something out, double something, or end early.
  if (random(2) === 0) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random(5))])
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - random(50)))])
}

test(`survives ${seconds} seconds of mutated packets`, { timeout: (seconds + 60) * 1000 }, async () => {
  const failures: unknown[] = []
  const small = { count: 200, bytes: 200_000 }
  // The bystander is another user: what the others fill up must not take its room.
  const share = { perUser: small, total: { count: 1000, bytes: 1_000_000 } }
  const limits = {
    retained: share,
    queued: share,
    subscriptions: share,
    sessions: share,
    connectRate: { perSecond: 1e6, burst: 1e6 },
  }
  const world = await startWorld({ limits, events: { failed: (error) => failures.push(error) } })
  const bystander = await join(world, { clientId: 'bystander', username: 'bystander' })
  await subscribe(bystander, [['quiet', 1]])
  const seed = Date.now() % 2 ** 31
  const random = randomFrom(seed)
  const until = Date.now() + seconds * 1000
  let rounds = 0
  while (Date.now() < until) {
    const version = random(2) === 0 ? 4 : 5
    const seeds = seedsFor(version)
    const packets = Array.from({ length: 1 + random(20) }, () => seeds[random(seeds.length)]!)
    const connect = raw.connect({ version, clientId: `c${random(50)}`, clean: random(2) === 0, will })
    const client = new RawClient(world.port, version)
    client.send(random(3) === 0 ? mutate(connect, random) : connect, mutate(Buffer.concat(packets), random))
    if (rounds++ % 20 === 0) {
      bystander.send(raw.publish({ topic: 'quiet', qos: 1, id: (rounds % 60_000) + 1 }))
      const before = bystander.of('publish').length
      await bystander.next('publish', before + 1)
      const [last] = bystander.of('publish').slice(-1)
      bystander.send(raw.puback(last!.packetId))
      await bystander.settled()
      bystander.received.splice(0)
    }
    await new Promise((resolve) => setTimeout(resolve, random(3)))
    client.socket.destroy()
  }
  await bystander.settled()
  expect(failures, `seed ${seed}`).toEqual([])
  expect(rounds).toBeGreaterThan(100)
  // A mutated CONNECT can name another user, so the bounds are looked at for each user and for all.
  const queued = new Map<string, number>()
  for (const each of world.engine.sessions()) queued.set(each.user, (queued.get(each.user) ?? 0) + each.queued.count)
  expect(Math.max(...queued.values())).toBeLessThanOrEqual(small.count)
  expect([...world.engine.sessions()].length).toBeLessThanOrEqual(share.total.count)
  expect(world.engine.retained.count).toBeLessThanOrEqual(share.total.count)
  await world.stop()
})
