/** What survives the broker, in the real file. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { removePermission, setGrants, startWorld, type World } from '../../../test/broker-world.ts'
import type { RawClient } from '../../../test/mqtt-client.ts'

const authority = makeAuthority({ subject: 'Plant' })

let world: World
beforeEach(async () => {
  world = await startWorld()
  await world.addAuthority(authority)
  await world.addUser('writer', { password: 'p', write: ['line-3/#'] })
})
afterEach(() => world.stop())

const writer = { username: 'writer', password: Buffer.from('p') }

async function join(options: Parameters<World['connect']>[0]): Promise<{ client: RawClient; isPresent: boolean }> {
  const client = await world.connect(options)
  const connack = await client.next('connack')
  expect(connack?.returnCode).toBe(0)
  return { client, isPresent: connack?.sessionPresent === true }
}

/** A device with a certificate, a subscription, and a message that waits for it. */
async function deviceWithMessage() {
  const userId = await world.addUser('press-7', { read: ['line-3/#'] })
  const tls = issue(authority, { subject: 'press-7' })
  const come = () => join({ tls, connect: { clientId: 'press-7', clean: false } })
  const { client } = await come()
  expect(await client.subscribeWith(1, 'line-3/#')).toEqual([1])
  client.socket.destroy()
  await client.closed
  const { client: sender } = await join({ connect: writer })
  sender.publish('line-3/a', 'kept', { qos: 1, messageId: 1 })
  sender.publish('line-3/state', 'on', { qos: 1, messageId: 2, retain: true })
  for (const messageId of [1, 2]) expect(await sender.next('puback')).toMatchObject({ messageId })
  return { userId, come }
}

describe('after a restart', () => {
  test('a stored session, its queued messages and retained messages are there', async () => {
    const { come } = await deviceWithMessage()
    await world.restart()
    const { client, isPresent } = await come()
    expect(isPresent).toBe(true)
    expect((await client.next('publish'))?.payload.toString()).toBe('kept')
    expect((await client.next('publish'))?.payload.toString()).toBe('on')
    await world.addUser('reader', { password: 'p', read: ['line-3/#'] })
    const { client: reader } = await join({ connect: { ...writer, username: 'reader' } })
    await reader.subscribe('line-3/#')
    expect(await reader.next('publish')).toMatchObject({ topic: 'line-3/state', retain: true })
  })

  type Change = [string, (userId: string) => Promise<unknown>]
  const changes: Change[] = [
    ['the grant', (userId) => setGrants(world.db, userId, [])],
    ['the permission of its subscription', (userId) => removePermission(world.db, userId, 'line-3/#')],
    ['the authority', () => world.db.deleteFrom('authorities').execute()],
    ['the user', (userId) => world.db.deleteFrom('users').where('id', '=', userId).execute()],
  ]

  test.each(changes)('a session that lost %s while the broker was stopped is deleted', async (_name, change) => {
    const { userId } = await deviceWithMessage()
    await world.restart(async () => void (await change(userId)))
    await world.broker.stop()
    expect(kindsInFile()).toEqual(['retained'])
  })

  test('a client id still belongs to its user', async () => {
    await deviceWithMessage()
    await world.restart()
    const thief = await world.connect({ connect: { ...writer, clientId: 'press-7' } })
    expect(await thief.connack()).toBe(2)
    expect(await world.decided({ reason: 'client_id_taken' })).toHaveLength(1)
  })

  test('a new password keeps the session, and the file contains neither password nor hash', async () => {
    const userId = await world.addUser('person', { password: 'a secret word', read: ['line-3/#'] })
    const connect = { username: 'person', password: Buffer.from('a secret word'), clientId: 'person', clean: false }
    const { client } = await join({ connect })
    await client.subscribeWith(1, 'line-3/#')
    await world.restart(async () => {
      const bytes = await readFile(world.stateFile)
      for (const secret of ['a secret word', 'hash of']) expect(bytes.includes(secret)).toBe(false)
      await world.db.updateTable('users').set({ password_hash: 'another' }).where('id', '=', userId).execute()
    })
    expect((await join({ connect })).isPresent).toBe(true)
  })
})

function kindsInFile(): string[] {
  const database = new Database(world.stateFile, { readonly: true })
  const rows = database.prepare<[], { kind: string }>('SELECT DISTINCT kind FROM records').all()
  database.close()
  return rows.map(({ kind }) => kind)
}

describe('a file that cannot be used', () => {
  test('is readable by its owner only', async () => {
    expect((await stat(world.stateFile)).mode & 0o077).toBe(0)
  })

  test.each<[string, string, () => Promise<void> | void]>([
    ['damaged', 'is damaged', () => writeFile(world.stateFile, 'no database '.repeat(1_000))],
    [
      'of a newer version',
      'has the layout 99',
      () => {
        const database = new Database(world.stateFile)
        database.pragma('user_version = 99')
        database.close()
      },
    ],
  ])('%s: stops the start, says why, and stays as it is', async (_name, says, spoil) => {
    let before = Buffer.alloc(0)
    const started = world.restart(async () => {
      await spoil()
      before = await readFile(world.stateFile)
    })
    await expect(started).rejects.toThrow(new RegExp(`broker\\.db .*${says}`))
    expect((await readFile(world.stateFile)).equals(before)).toBe(true)
  })
})
