/** The work for one packet is done in slices, so that other clients are served meanwhile. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Policy } from './policy.ts'
import * as raw from './testing/raw-packets.ts'
import { join, openPolicy, startWorld, subscribe, type World } from './testing/world.ts'

let world: World
afterEach(() => world.stop())

/** Takes a millisecond of the thread. */
function decideSlowly(): boolean {
  const until = performance.now() + 1
  while (performance.now() < until);
  return true
}

/** Counts how much of the work is done before the event loop turns to something else. */
class SlowWork {
  done = 0
  readonly #firstTurn = Promise.withResolvers<number>()
  readonly doneInFirstTurn = this.#firstTurn.promise

  do(): boolean {
    if (this.done === 0) setImmediate(() => this.#firstTurn.resolve(this.done))
    this.done++
    return decideSlowly()
  }
}

describe('a packet that needs many slow decisions', () => {
  test('serves other clients while one message goes to many slow decisions, and keeps the order', async () => {
    world = await startWorld({ policy: { ...openPolicy, deliver: decideSlowly } })
    const subscribers = await Promise.all(Array.from({ length: 200 }, () => join(world)))
    for (const each of subscribers) await subscribe(each, [['t', 0]])
    const publisher = await join(world)
    const other = await join(world)
    publisher.send(
      raw.publish({ topic: 't', qos: 1, id: 1, payload: '1' }),
      raw.publish({ topic: 't', qos: 1, id: 2, payload: '2' }),
    )
    await subscribers[0]!.next('publish')
    await other.settled()
    expect(publisher.of('puback')).toHaveLength(0)
    await publisher.next('puback', 2)
    for (const each of subscribers) {
      await each.next('publish', 2)
      expect(each.of('publish').map(({ payload }) => payload)).toEqual(['1', '2'])
    }
  })

  test('serves other clients while one message goes to many shared subscriptions', async () => {
    const work = new SlowWork()
    world = await startWorld({ policy: { ...openPolicy, deliver: () => work.do() } })
    const member = await join(world)
    await subscribe(
      member,
      Array.from({ length: 200 }, (_, i) => [`$share/g${i}/t`, 0]),
    )
    const publisher = await join(world)
    publisher.send(raw.publish({ topic: 't', qos: 1 }))
    await publisher.next('puback')
    await member.next('publish', 200)
    expect(await work.doneInFirstTurn).toBeLessThan(work.done)
  })

  test('serves other clients while one SUBSCRIBE needs many slow decisions', async () => {
    let decided = 0
    const policy: Policy = {
      ...openPolicy,
      subscribe: (_client, { qos }) => {
        if (decideSlowly()) decided++
        return { qos }
      },
    }
    world = await startWorld({ policy })
    const client = await join(world)
    const other = await join(world)
    const filters = Array.from({ length: 300 }, (_each, i): [string, number] => [`t/${i}`, 1])
    client.send(raw.subscribe(filters), raw.pingreq)
    await client.until(() => decided > 0 || undefined)
    await other.settled()
    expect(client.of('suback')).toHaveLength(0)
    expect((await client.next('suback')).codes).toEqual(filters.map(() => 1))
    await client.next('pingresp')
    expect(client.received.map(({ type }) => type)).toEqual([2, 9, 13])
  })

  test('loses no message for a client that replaces its subscription during the delivery', async () => {
    world = await startWorld({ policy: { ...openPolicy, deliver: decideSlowly } })
    const subscribers = await Promise.all(Array.from({ length: 100 }, () => join(world)))
    for (const each of subscribers) await subscribe(each, [['t', 1]])
    const publisher = await join(world)
    publisher.send(raw.publish({ topic: 't', qos: 1, id: 1 }))
    for (const each of subscribers) each.send(raw.subscribe([['t', 0]]))
    for (const each of subscribers) expect((await each.next('publish')).topic).toBe('t')
  })
})

test('serves other clients while many sessions end in the same second', async () => {
  const work = new SlowWork()
  world = await startWorld({ events: { sessionEnded: () => void work.do() } })
  const options = { version: 5, properties: [raw.property.uint32(0x11, 60)] }
  const clients = await Promise.all(Array.from({ length: 100 }, () => join(world, options)))
  for (const each of clients) await each.cut()
  await expect.poll(() => [...world.engine.connections()].length).toBe(0)
  world.advance(61)
  await expect.poll(() => work.done, { timeout: 10_000 }).toBe(100)
  expect(await work.doneInFirstTurn).toBeLessThan(100)
})

describe('an error in a later turn', () => {
  const failures: unknown[] = []
  afterEach(() => void failures.splice(0))

  /** This question of the policy is slow, and fails at the given call. */
  async function startFailing(name: 'deliver' | 'subscribe', at: number): Promise<void> {
    let calls = 0
    const decide = (called: typeof name): void => {
      if (called !== name) return
      decideSlowly()
      if (++calls === at) throw new Error(`${name} failed`)
    }
    const policy: Policy = {
      ...openPolicy,
      deliver: () => {
        decide('deliver')
        return true
      },
      subscribe: (_, { qos }) => {
        decide('subscribe')
        return { qos }
      },
    }
    world = await startWorld({ policy, events: { failed: (error) => failures.push(error) } })
  }

  test('of a delivery ends the publisher only, and is reported', async () => {
    await startFailing('deliver', 20)
    const subscribers = await Promise.all(Array.from({ length: 30 }, () => join(world)))
    for (const each of subscribers) await subscribe(each, [['t', 0]])
    const publisher = await join(world)
    publisher.send(raw.publish({ topic: 't', qos: 1, id: 1 }))
    await publisher.closed()
    expect(failures).toMatchObject([{ message: 'deliver failed' }])
    for (const each of subscribers) await each.settled()
  })

  test('of a SUBSCRIBE with many filters ends that client only, and is reported', async () => {
    await startFailing('subscribe', 20)
    const [client, other] = [await join(world), await join(world)]
    client.send(raw.subscribe(Array.from({ length: 30 }, (_, i) => [`t/${i}`, 0])))
    await client.closed()
    expect(failures).toMatchObject([{ message: 'subscribe failed' }])
    await other.settled()
  })

  test('of retained messages for a new subscription ends that client only, and is reported', async () => {
    await startFailing('deliver', 3)
    const [client, other] = [await join(world), await join(world)]
    for (let i = 0; i < 5; i++) other.send(raw.publish({ topic: `t/${i}`, retain: true, payload: 'x' }))
    await other.settled()
    client.send(raw.subscribe([['t/#', 0]]))
    await client.closed()
    expect(failures).toMatchObject([{ message: 'deliver failed' }])
    await other.settled()
  })
})
