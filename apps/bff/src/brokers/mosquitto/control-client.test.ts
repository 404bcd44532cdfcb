/** A broker that answers late, wrongly or never. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { generate, type Packet, parser } from 'mqtt-packet'
import { afterEach, expect, it } from 'vitest'
import { type ControlClient, connectControl } from './control-client.ts'

const topic = '$CONTROL/dynamic-security/v1'
const version = { protocolVersion: 5 }

interface Fake {
  server: Server
  control: ControlClient
  /** Sends bytes to the client. */
  write(bytes: Uint8Array): void
  /** Ends the connection. */
  drop(): void
}

type Answer = (commands: { command: string; correlationData: string }[], publish: (payload: string) => void) => void

let fake: Fake | null = null
afterEach(async () => {
  await fake?.control.close()
  fake?.server.close()
  fake = null
})

async function start(
  answer: Answer,
  how: { connack?: number; suback?: number; isAcknowledged?: boolean; answerWithinMs?: number } = {},
): Promise<ControlClient> {
  let socket: Socket | null = null
  let subscribed: Socket | null = null
  const write = (bytes: Uint8Array) => void socket?.write(bytes)
  const send = (packet: Packet) => write(generate(packet, version))
  const server = createServer((accepted) => {
    socket = accepted
    accepted.on('error', () => {})
    const reading = parser(version)
    accepted.on('data', (chunk) => void reading.parse(chunk))
    reading.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') send({ cmd: 'connack', reasonCode: how.connack ?? 0, sessionPresent: false })
      if (packet.cmd === 'subscribe') {
        subscribed = socket
        send({ cmd: 'suback', messageId: packet.messageId ?? 1, granted: [how.suback ?? 0] })
      }
      if (packet.cmd !== 'publish') return
      if (how.isAcknowledged !== false) send({ cmd: 'puback', messageId: packet.messageId ?? 1, reasonCode: 0 })
      const { commands } = JSON.parse(packet.payload.toString())
      answer(commands, (payload) => {
        if (subscribed !== socket) return
        send({ cmd: 'publish', topic: `${topic}/response`, payload, qos: 0, dup: false, retain: false })
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const control = connectControl(
    { host: '127.0.0.1', port, tls: false, ca: null, username: 'gatehouse', password: 'secret' },
    { onConnect: resolve, answerWithinMs: how.answerWithinMs ?? 60_000, countsConnections: true },
  )
  fake = { server, control, write, drop: () => socket?.destroy() }
  if (how.connack === undefined) await promise
  return control
}

const one = [{ command: 'listClients' }]

function sayConnected(payload: string): void {
  const topicOfCount = '$SYS/broker/clients/connected'
  fake?.write(generate({ cmd: 'publish', topic: topicOfCount, payload, qos: 0, dup: false, retain: true }, version))
}

it('matches responses by their id, whatever arrives between them', async () => {
  const control = await start((commands, publish) => {
    publish('not JSON')
    publish('{"responses":"no list"}')
    publish('{"responses":[null,{"command":"x"},{"command":"x","correlationData":7}]}')
    // An answer to another console.
    publish('{"responses":[{"command":"listClients","correlationData":"gatehouse-other-1","data":{"of":"another"}}]}')
    const [first, second] = commands
    publish(JSON.stringify({ responses: [{ ...second, error: 'Client not found' }] }))
    publish(
      JSON.stringify({
        responses: [
          { ...first, data: { totalCount: 0 } },
          { ...first, data: 'late' },
        ],
      }),
    )
  })
  expect(await control.send(topic, [{ command: 'listClients' }, { command: 'getClient' }])).toEqual([
    { command: 'listClients', data: { totalCount: 0 } },
    { command: 'getClient', error: 'Client not found' },
  ])
})

it('gives up when there is no answer, as where the plugin is not loaded', async () => {
  const control = await start(() => {}, { answerWithinMs: 50 })
  await expect(control.send(topic, one)).rejects.toMatchObject({ code: 'no_answer' })
})

it('drops an answer that comes after the time', async () => {
  const ids: string[] = []
  const control = await start(
    (commands, publish) => {
      ids.push(...commands.map(({ correlationData }) => correlationData))
      // The second message brings the answer to the first.
      if (ids.length > 1)
        publish(JSON.stringify({ responses: ids.map((correlationData) => ({ command: 'x', correlationData })) }))
    },
    { answerWithinMs: 1_000 },
  )
  await expect(control.send(topic, one)).rejects.toMatchObject({ code: 'no_answer' })
  expect(await control.send(topic, one)).toEqual([{ command: 'x' }])
})

it('rejects at once when the connection is lost, and when it is not there', async () => {
  const control = await start(() => fake?.drop())
  await expect(control.send(topic, one)).rejects.toMatchObject({ code: 'not_connected' })
  await expect(control.send(topic, one)).rejects.toMatchObject({ code: 'not_connected' })
})

it('subscribes again after a loss, and does not send the lost commands again', async () => {
  const received: string[] = []
  const control = await start(
    (commands, publish) => {
      received.push(...commands.map(({ command }) => command))
      if (received.length === 1) return fake?.drop()
      publish(JSON.stringify({ responses: commands }))
    },
    { isAcknowledged: false },
  )
  await expect(control.send(topic, [{ command: 'modifyRole' }])).rejects.toMatchObject({ code: 'not_connected' })
  await expect.poll(() => control.isConnected).toBe(true)
  expect(await control.send(topic, one)).toEqual([{ command: 'listClients' }])
  expect(received).toEqual(['modifyRole', 'listClients'])
})

it('knows how many connections the broker has besides this one, until it is lost', async () => {
  const control = await start(() => fake?.drop())
  expect(control.connections).toBeNull()
  sayConnected('7')
  await expect.poll(() => control.connections).toBe(6)
  sayConnected('many')
  await expect.poll(() => control.connections).toBeNull()
  sayConnected('8')
  await expect.poll(() => control.connections).toBe(7)
  await expect(control.send(topic, one)).rejects.toMatchObject({ code: 'not_connected' })
  expect(control.connections).toBeNull()
})

it('says that the broker refuses the subscription to its answers', async () => {
  const control = await start(() => {}, { suback: 0x87 })
  await expect(control.send(topic, one)).rejects.toMatchObject({ code: 'not_permitted' })
})

it('says that the broker refuses the credentials', async () => {
  const control = await start(() => {}, { connack: 0x87 })
  await expect.poll(() => control.fault).toBe('not_authorized')
  expect(control.isConnected).toBe(false)
})

it('ends the connection when a packet of 200 MB begins', async () => {
  const control = await start(() => {
    // Of a PUBLISH of this length only the first bytes are sent.
    fake?.write(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x60, 0x00, 0x01]))
  })
  await expect(control.send(topic, one)).rejects.toMatchObject({ code: 'not_connected' })
})
