/**
 * Compares the state of one session with a small model of it: random sequences of connecting, subscribing, publishing,
 * acknowledging, cutting the line and restarting the engine.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryStore } from './testing/memory-store.ts'
import * as raw from './testing/raw-packets.ts'
import { join, type RawClient, startWorld, subscribe, type World } from './testing/world.ts'

type Step =
  | { do: 'connect'; clean: boolean }
  | { do: 'cut' }
  | { do: 'subscribe' | 'unsubscribe'; filter: string }
  | { do: 'publish'; topic: string }
  | { do: 'acknowledge' }
  | { do: 'restart' }

const filter = fc.constantFrom('a', 'b', '+', '#')
const step = fc.oneof(
  { weight: 3, arbitrary: fc.boolean().map<Step>((clean) => ({ do: 'connect', clean })) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'cut' }) },
  { weight: 3, arbitrary: filter.map<Step>((each) => ({ do: 'subscribe', filter: each })) },
  { weight: 1, arbitrary: filter.map<Step>((each) => ({ do: 'unsubscribe', filter: each })) },
  { weight: 5, arbitrary: fc.constantFrom('a', 'b').map<Step>((topic) => ({ do: 'publish', topic })) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'acknowledge' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart' }) },
)

/** What the specification says of the session. */
class Model {
  hasSession = false
  isConnected = false
  wasPresent = false
  readonly filters = new Set<string>()
  /** Messages that the client has not acknowledged, in order. */
  pending: string[] = []

  connect(clean: boolean): void {
    this.wasPresent = this.hasSession && !clean
    if (!this.wasPresent) this.end()
    this.hasSession = true
    this.isConnected = true
  }

  publish(topic: string, payload: string): void {
    const isMatch = [...this.filters].some((each) => each === topic || each === '+' || each === '#')
    if (isMatch) this.pending.push(payload)
  }

  observe(): { wasPresent: boolean; pending: string[] } {
    return { wasPresent: this.wasPresent, pending: this.isConnected ? this.pending : [] }
  }

  end(): void {
    this.hasSession = false
    this.filters.clear()
    this.pending = []
  }
}

/** The engine under test, and the client whose session it is. */
class Subject {
  readonly #store = new MemoryStore()
  #world!: World
  #publisher!: RawClient
  client: RawClient | undefined
  wasPresent = false
  #count = 0

  async start(): Promise<void> {
    this.#world = await startWorld({ store: this.#store })
    this.#publisher = await join(this.#world)
  }

  async stop(): Promise<void> {
    await this.#world.stop()
    this.client = undefined
  }

  async connect(clean: boolean): Promise<void> {
    const properties = [raw.property.uint32(0x11, 1000)]
    this.client = await join(this.#world, { version: 5, clientId: 'c', clean, properties })
    this.wasPresent = this.client.of('connack')[0]!.sessionPresent
  }

  async cut(): Promise<void> {
    await this.client?.cut()
    this.client = undefined
    await this.#publisher.until(() => ([...this.#world.engine.connections()].length === 1 ? true : undefined))
  }

  async publish(topic: string): Promise<string> {
    const payload = String(++this.#count)
    this.#publisher.send(raw.publish({ topic, qos: 1, payload, id: this.#count }))
    await this.#publisher.until(() =>
      this.#publisher.of('puback').some((each) => each.packetId === this.#count) ? true : undefined,
    )
    return payload
  }

  /** Whether the session was there, and what the client has received on this connection and not acknowledged. */
  async observe(): Promise<{ wasPresent: boolean; pending: string[] }> {
    await this.client?.settled()
    const pending = this.client?.of('publish').map((each) => each.payload) ?? []
    return { wasPresent: this.wasPresent, pending }
  }

  async acknowledge(): Promise<void> {
    const first = this.client?.received.findIndex((each) => each.type === 3) ?? -1
    if (first === -1) return
    const [message] = this.client!.received.splice(first, 1)
    this.client!.send(raw.puback(message!.packetId))
    await this.client!.settled()
  }
}

async function take(given: Step, subject: Subject, model: Model): Promise<void> {
  if (given.do === 'connect') {
    model.connect(given.clean)
    await subject.connect(given.clean)
  } else if (given.do === 'publish') model.publish(given.topic, await subject.publish(given.topic))
  else if (given.do === 'restart') {
    await subject.stop()
    await subject.start()
    model.isConnected = false
  } else if (model.isConnected && subject.client) await takeConnected(given, subject, model)
}

async function takeConnected(given: Step, subject: Subject, model: Model): Promise<void> {
  const { client } = subject
  if (given.do === 'cut') {
    await subject.cut()
    model.isConnected = false
  } else if (given.do === 'subscribe') {
    await subscribe(client!, [[given.filter, 1]], { version: 5 })
    model.filters.add(given.filter)
  } else if (given.do === 'unsubscribe') {
    client!.send(raw.unsubscribe([given.filter], { version: 5 }))
    await client!.settled()
    model.filters.delete(given.filter)
  } else if (given.do === 'acknowledge') {
    await subject.acknowledge()
    model.pending.shift()
  }
}

test('a session does what the model does, also over restarts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const subject = new Subject()
      const model = new Model()
      await subject.start()
      try {
        for (const each of steps) {
          await take(each, subject, model)
          expect(await subject.observe()).toEqual(model.observe())
        }
      } finally {
        await subject.stop()
      }
    }),
    { numRuns: process.env['GATEHOUSE_TEST_ALL'] ? 2000 : 60 },
  )
})
