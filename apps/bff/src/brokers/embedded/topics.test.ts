/**
 * Filters and topics of MQTT 3.1.1 §4.7 with clients that others wrote. A permission reaches as far
 * as its filter. The expected results are written down, not computed by our own matching.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startWorld, type World } from '../../../test/broker-world.ts'
import { killClients, type Mosquitto, mosquitto, says } from '../../../test/mosquitto.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ systemTopics: { version: 'Gatehouse version 1.2.3', intervalMs: 1_000 } })
  await world.addUser('all', { password: 'p', read: ['#', '$SYS/#', '$plant/#'], write: ['#', '$plant/#', '$SYS/#'] })
  await world.addUser('some', {
    password: 'p',
    read: ['sport/+/score', 'line-3/#', '/finance', '$plant/+'],
    write: ['sport/+', 'line-3/#', '/+', '$plant/a', 'a//b'],
  })
  await world.addUser('wild', { password: 'p', read: ['#', '+/#'], write: ['#', '+/+'] })
  await world.addUser('press', {
    password: 'p',
    prefix: 'line-3/press-',
    read: ['line-3/#'],
    write: ['line-3/press-1'],
  })
})
afterAll(async () => {
  killClients()
  await world.stop()
})

const as = (user: string, more: string[]) => ['-p', String(world.port('mqtt')), '-u', user, '-P', 'p', ...more]
const publish = (user: string, topic: string, payload: string) =>
  mosquitto('mosquitto_pub', as(user, ['-i', `${user} ${topic}`, '-t', topic, '-m', payload, '-q', '1']))

/** The ends of its lines distinguish them from other output of the client. */
const received = (client: Mosquitto) =>
  client
    .output()
    .split('\n')
    .flatMap((line) => /^(.+) sent$/.exec(line)?.[1] ?? [])
    .toSorted()

/** Without this the client would reconnect for ever. */
async function cutOff(client: Mosquitto, clientId: string): Promise<string> {
  await eventually(async () => expect(await world.decided({ reason: 'publish_refused', clientId })).not.toEqual([]))
  return client.kill()
}

const last = 'the/end/of/it/all'

/** Subscribes to all of these in one packet. Returns the answer of the broker to each. */
async function subscribe(user: string, filters: readonly string[]): Promise<{ client: Mosquitto; granted: number[] }> {
  const topics = filters.flatMap((filter) => ['-t', filter])
  const client = mosquitto('mosquitto_sub', as(user, ['-v', ...topics]))
  const answer = /Subscribed \(mid: 1\): ([\d, ]+)/
  await eventually(() => expect(client.output()).toMatch(answer))
  return { client, granted: (answer.exec(client.output())?.[1] ?? '').split(', ').map(Number) }
}

describe('a filter', () => {
  const topics = [
    'sport',
    'sport/',
    'sport/tennis',
    'sport/tennis/player1',
    'Sport',
    'finance',
    '/finance',
    'a//b',
    '//',
    '$plant/a',
    '$plant',
  ]
  const table: [filter: string, arrives: string[]][] = [
    ['sport/#', ['sport', 'sport/', 'sport/tennis', 'sport/tennis/player1']],
    ['sport', ['sport']],
    ['sport/+', ['sport/', 'sport/tennis']],
    ['sport/+/+', ['sport/tennis/player1']],
    ['+', ['Sport', 'finance', 'sport']],
    ['+/+', ['/finance', 'sport/', 'sport/tennis']],
    ['/+', ['/finance']],
    ['+/tennis/#', ['sport/tennis', 'sport/tennis/player1']],
    ['a/+/b', ['a//b']],
    ['a//b', ['a//b']],
    ['+/+/+', ['//', 'a//b', 'sport/tennis/player1']],
    ['#', topics.filter((topic) => !topic.startsWith('$'))],
    ['+/a', []],
    ['$plant/#', ['$plant', '$plant/a']],
    ['$plant/+', ['$plant/a']],
  ]

  it('receives what it matches and nothing else', async () => {
    const subscribed = await Promise.all(table.map(([filter]) => subscribe('all', [filter, last])))
    for (const { granted } of subscribed) expect(granted).toEqual([0, 0])
    const sent = await Promise.all(topics.map((topic) => publish('all', topic, 'sent').ended))
    for (const output of sent) expect(output).toContain('received PUBACK')
    await publish('all', last, 'over').ended
    await Promise.all(subscribed.map(({ client }) => says(client, `${last} over`)))
    const arrived = subscribed.map(({ client }, at) => [table[at]?.[0], received(client)])
    expect(arrived).toEqual(table.map(([filter, arrives]) => [filter, arrives.toSorted()]))
  })
})

describe('a permission', () => {
  it.each<[user: string, table: Record<string, boolean>]>([
    [
      'some',
      {
        'sport/tennis/score': true,
        'sport/+/score': true,
        'sport/#': false,
        'sport/+/+': false,
        'line-3': true,
        'line-3/#': true,
        'line-3/+/a/#': true,
        'line-33': false,
        '/finance': true,
        finance: false,
        '+/finance': false,
        '#': false,
        '$plant/a': true,
        '$plant/+': true,
        '$plant/#': false,
        '$SYS/#': false,
        '$share/group/line-3/#': true,
        '$share/group/#': false,
      },
    ],
    ['wild', { '#': true, '+/+': true, '/': true, '$plant/a': false, '$SYS/#': false, '$plant/+': false }],
  ])('of %s to read allows the filters that it covers', async (user, table) => {
    const filters = Object.keys(table)
    const { client, granted } = await subscribe(user, filters)
    expect(filters.map((filter, at) => [filter, granted[at]])).toEqual(
      Object.entries(table).map(([filter, isGranted]) => [filter, isGranted ? 0 : 128]),
    )
    await client.kill()
  })

  it('to write allows the topics that it covers, with the prefix, and ends the connection for others', async () => {
    const table: [user: string, topic: string, arrives: string | null][] = [
      ['some', 'sport/tennis', 'sport/tennis'],
      ['some', 'sport', null],
      ['some', 'sport/tennis/score', null],
      ['some', 'line-3', 'line-3'],
      ['some', 'line-3/a/b', 'line-3/a/b'],
      ['some', '/', '/'],
      ['some', 'a//b', 'a//b'],
      ['some', 'a/b', null],
      ['some', '$plant/a', '$plant/a'],
      ['some', '$plant/b', null],
      ['wild', '$plant/a', null],
      ['all', '$SYS/a', null],
      ['press', '1', 'line-3/press-1'],
      ['press', 'line-3/press-1', null],
    ]
    const listener = await subscribe('all', ['#', '$plant/#', '$SYS/#'])
    const outputs = table.map(([user, topic, arrives]) => {
      const client = publish(user, topic, 'sent')
      return arrives === null ? cutOff(client, `${user} ${topic}`) : client.ended
    })
    const areTaken = (await Promise.all(outputs)).map((output) => output.includes('received PUBACK'))
    expect(areTaken).toEqual(table.map(([, , arrives]) => arrives !== null))
    await publish('all', last, 'over').ended
    await says(listener.client, `${last} over`)
    expect(received(listener.client)).toEqual(table.flatMap(([, , arrives]) => arrives ?? []).toSorted())
  })
})

it('shows the figures of the broker to clients that may read $SYS', async () => {
  const topics = ['$SYS/broker/version', '$SYS/broker/clients/connected', '$SYS/broker/load/messages/received/1min']
  const reader = mosquitto('mosquitto_sub', as('all', ['-v', ...topics.flatMap((topic) => ['-t', topic])]))
  await says(reader, '$SYS/broker/version Gatehouse version 1.2.3')
  await eventually(() => expect(reader.output()).toMatch(/\$SYS\/broker\/clients\/connected [1-9]/))
  await eventually(() => expect(reader.output()).toMatch(/load\/messages\/received\/1min \d+\.\d\d/))
  await reader.kill()
})
