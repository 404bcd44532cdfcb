/** Kills the broker's process again and again while messages flow: no acknowledged message is lost, QoS 2 arrives once. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as raw from './testing/raw-packets.ts'
import { RawClient, type Received } from './testing/world.ts'

const kills = process.env['GATEHOUSE_TEST_ALL'] ? 1000 : 12

let folder: string
let broker: ChildProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(joinPath(tmpdir(), 'mqtt-'))
})
afterEach(async () => {
  await kill()
  rmSync(folder, { recursive: true })
})

async function startBroker(): Promise<number> {
  const program = joinPath(import.meta.dirname, 'testing/broker-process.ts')
  broker = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = (await once(broker.stdout!, 'data')) as [Buffer]
  return Number(String(port))
}

async function kill(): Promise<void> {
  if (!broker || broker.exitCode !== null || broker.signalCode !== null) return
  broker.kill('SIGKILL')
  await once(broker, 'exit')
}

const session = (clientId: string): Buffer => raw.connect({ clientId, clean: false })

/** Publishes numbers with QoS 1 and 2 as §4.3 asks for, and remembers across connections what is not acknowledged. */
class Publisher {
  readonly acknowledged: string[] = []
  readonly #open = new Map<number, { payload: string; isReleased: boolean }>()
  #next = 1

  async run(port: number): Promise<void> {
    const client = new RawClient(port).send(session('publisher'))
    await client.until(() => client.isClosed || client.of('connack').length > 0 || undefined)
    client.socket.on('data', () => this.#read(client))
    for (const [id, { payload, isReleased }] of this.#open) {
      client.send(
        isReleased ? raw.pubrel(id) : raw.publish({ topic: 't', qos: qosOf(payload), id, payload, dup: true }),
      )
    }
    while (!client.isClosed) {
      while (this.#open.size < 20) this.#publish(client)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  #read(client: RawClient): void {
    for (const { type, packetId } of client.received.splice(0)) {
      const message = this.#open.get(packetId)
      if (type === 5 && message) {
        message.isReleased = true
        client.send(raw.pubrel(packetId))
      } else if ((type === 4 || type === 7) && message) {
        this.acknowledged.push(message.payload)
        this.#open.delete(packetId)
      }
    }
  }

  #publish(client: RawClient): void {
    const payload = String(this.#next++)
    const id = (Number(payload) % 60_000) + 1
    this.#open.set(id, { payload, isReleased: false })
    client.send(raw.publish({ topic: 't', qos: qosOf(payload), id, payload }))
  }
}

const qosOf = (payload: string): number => (Number(payload) % 2) + 1

/** Receives as §4.3 asks for, and remembers across connections the identifiers of QoS 2 messages that are not released. */
class Subscriber {
  readonly received: string[] = []
  readonly #unreleased = new Set<number>()

  async run(port: number): Promise<RawClient> {
    const client = new RawClient(port)
    client.socket.on('data', () => {
      for (const packet of client.received.splice(0)) this.#handle(client, packet)
    })
    client.send(session('subscriber'))
    await new Promise((resolve) => client.socket.once('data', resolve))
    return client
  }

  #handle(client: RawClient, { type, qos, packetId, payload }: Received): void {
    if (type === 6) {
      this.#unreleased.delete(packetId)
      client.send(raw.pubcomp(packetId))
    } else if (type === 3 && qos === 1) {
      this.received.push(payload)
      client.send(raw.puback(packetId))
    } else if (type === 3) {
      if (!this.#unreleased.has(packetId)) this.received.push(payload)
      this.#unreleased.add(packetId)
      client.send(raw.pubrec(packetId))
    }
  }
}

test(`loses no acknowledged message in ${kills} kills, and delivers QoS 2 exactly once`, {
  timeout: 7_200_000,
}, async () => {
  const publisher = new Publisher()
  const subscriber = new Subscriber()
  for (let cycle = 0; cycle < kills; cycle++) {
    const port = await startBroker()
    const client = await subscriber.run(port)
    if (cycle === 0) client.send(raw.subscribe([['t', 2]]))
    const running = publisher.run(port)
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 150))
    await kill()
    await running
  }
  const port = await startBroker()
  await subscriber.run(port)
  const missing = (): string[] => {
    const received = new Set(subscriber.received)
    return publisher.acknowledged.filter((each) => !received.has(each))
  }
  await expect.poll(missing, { timeout: 20_000 }).toEqual([])
  expect(publisher.acknowledged.length).toBeGreaterThan(kills)
  const twos = subscriber.received.filter((payload) => qosOf(payload) === 2)
  expect(twos.length - new Set(twos).size).toBe(0)
})
