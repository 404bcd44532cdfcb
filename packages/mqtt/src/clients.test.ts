/** Clients of other projects: MQTT.js and Mosquitto's, with MQTT 3.1.1 and 5. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, startWorld, type World } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

function run(program: string, args: string[]): { output: () => string; ended: Promise<number | null> } {
  // `stdbuf` makes the client print line by line into a pipe.
  const child = spawn('stdbuf', ['-oL', program, '-h', '127.0.0.1', '-p', String(world.port), ...args])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  return { output: () => output, ended: new Promise((resolve) => child.on('close', resolve)) }
}

describe.each(['311', '5'])('mosquitto_pub and mosquitto_sub, MQTT %s', (version) => {
  test.each([0, 1, 2])('exchange messages with QoS %i', async (qos) => {
    const topic = `mosquitto/${version}/${qos}`
    const subscriber = run('mosquitto_sub', [
      '-V',
      version,
      '-d',
      '-t',
      `mosquitto/${version}/+`,
      '-q',
      String(qos),
      '-C',
      '2',
    ])
    await expect.poll(subscriber.output, { timeout: 10_000 }).toContain('Subscribed')
    for (const payload of ['first', 'second']) {
      const publisher = run('mosquitto_pub', ['-V', version, '-t', topic, '-m', payload, '-q', String(qos)])
      expect(await publisher.ended).toBe(0)
    }
    expect(await subscriber.ended).toBe(0)
    expect(subscriber.output()).toMatch(/first[^]*second/)
  })

  test('read retained messages', async () => {
    const topic = `retained/${version}`
    await run('mosquitto_pub', ['-V', version, '-t', topic, '-m', 'kept', '-r', '-q', '1']).ended
    const subscriber = run('mosquitto_sub', ['-V', version, '-t', topic, '-C', '1', '-v'])
    expect(await subscriber.ended).toBe(0)
    expect(subscriber.output()).toContain(`${topic} kept`)
  })

  test('send a will', async () => {
    const topic = `will/${version}`
    const watcher = run('mosquitto_sub', ['-V', version, '-d', '-t', topic, '-C', '1'])
    await expect.poll(watcher.output, { timeout: 10_000 }).toContain('Subscribed')
    const dying = spawn('mosquitto_sub', [
      '-h',
      '127.0.0.1',
      '-p',
      String(world.port),
      '-V',
      version,
      '-t',
      'x',
      '--will-topic',
      topic,
      '--will-payload',
      'gone',
      '-i',
      `dying-${version}`,
    ])
    await expect
      .poll(() => [...world.engine.connections()].some(({ client }) => client.clientId === `dying-${version}`), {
        timeout: 10_000,
      })
      .toBe(true)
    dying.kill('SIGKILL')
    expect(await watcher.ended).toBe(0)
    expect(watcher.output()).toContain('gone')
  })
})

describe.each([4, 5] as const)('MQTT.js, protocol version %i', (protocolVersion) => {
  const join = (options: IClientOptions = {}): Promise<MqttClient> =>
    connectAsync(`mqtt://127.0.0.1:${world.port}`, { protocolVersion, reconnectPeriod: 0, ...options })

  test('exchanges 1,000 messages with each QoS, in order', async () => {
    const subscriber = await join()
    const publisher = await join()
    for (const qos of [0, 1, 2] as const) {
      const topic = `js/${protocolVersion}/${qos}`
      const received: string[] = []
      const sent = Array.from({ length: 1000 }, (_, i) => String(i))
      await subscriber.subscribeAsync(topic, { qos })
      subscriber.on('message', (of, payload) => void (of === topic && received.push(String(payload))))
      await Promise.all(sent.map((payload) => publisher.publishAsync(topic, payload, { qos })))
      await expect.poll(() => received.length, { timeout: 20_000 }).toBe(1000)
      expect(received).toEqual(sent)
    }
    await Promise.all([subscriber.endAsync(), publisher.endAsync()])
  })

  test('takes up a stored session', async () => {
    const clientId = `js-session-${protocolVersion}`
    const options: IClientOptions = {
      clientId,
      clean: false,
      ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: 100 } }),
    }
    const first = await join(options)
    await first.subscribeAsync(`js-session/${protocolVersion}`, { qos: 2 })
    await first.endAsync()
    const publisher = await join()
    await publisher.publishAsync(`js-session/${protocolVersion}`, 'later', { qos: 2 })
    const second = await join(options)
    const payload = await new Promise((resolve) => second.once('message', (_, message) => resolve(String(message))))
    expect(payload).toBe('later')
    await Promise.all([second.endAsync(), publisher.endAsync()])
  })
})

test('answers a request over MQTT 5', async () => {
  const url = `mqtt://127.0.0.1:${world.port}`
  const asker = await connectAsync(url, { protocolVersion: 5 })
  const answerer = await connectAsync(url, { protocolVersion: 5 })
  await answerer.subscribeAsync('ask')
  await asker.subscribeAsync('answers/1')
  answerer.on('message', (_topic, _payload, { properties }) => {
    answerer.publish(properties?.responseTopic ?? '', 'answer', {
      properties: { correlationData: properties?.correlationData ?? Buffer.alloc(0) },
    })
  })
  const answer = new Promise((resolve) =>
    asker.once('message', (_topic, payload, packet) =>
      resolve([String(payload), String(packet.properties?.correlationData)]),
    ),
  )
  await asker.publishAsync('ask', 'question', {
    properties: { responseTopic: 'answers/1', correlationData: Buffer.from('7') },
  })
  expect(await answer).toEqual(['answer', '7'])
  await Promise.all([asker.endAsync(), answerer.endAsync()])
})

test('carries messages both ways over a bridge from a Mosquitto broker', async () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'mqtt-'))
  const free = createServer()
  const port = await listen(free)
  free.close()
  const settings = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'connection to-engine',
    `address 127.0.0.1:${world.port}`,
    'topic out/# out 1',
    'topic in/# in 1',
    'cleansession false',
    'restart_timeout 1',
    'user root',
  ]
  writeFileSync(joinPath(folder, 'mosquitto.conf'), `${settings.join('\n')}\n`, { mode: 0o600 })
  const broker = spawn('/usr/sbin/mosquitto', ['-c', joinPath(folder, 'mosquitto.conf')])
  try {
    const bridged = (): boolean =>
      [...world.engine.sessions()].some(
        ({ clientId, subscriptions }) => clientId.includes('to-engine') && subscriptions > 0,
      )
    await expect.poll(bridged, { timeout: 20_000 }).toBe(true)
    const [here, there] = [
      await connectAsync(`mqtt://127.0.0.1:${world.port}`),
      await connectAsync(`mqtt://127.0.0.1:${port}`),
    ]
    await Promise.all([here.subscribeAsync('out/#', { qos: 1 }), there.subscribeAsync('in/#', { qos: 1 })])
    const arrived = Promise.all(
      [here, there].map((client) => new Promise((resolve) => client.once('message', (topic) => resolve(topic)))),
    )
    await Promise.all([there.publishAsync('out/x', '1', { qos: 1 }), here.publishAsync('in/y', '2', { qos: 1 })])
    expect(await arrived).toEqual(['out/x', 'in/y'])
    await Promise.all([here.endAsync(), there.endAsync()])
  } finally {
    broker.kill()
    rmSync(folder, { recursive: true })
  }
})
