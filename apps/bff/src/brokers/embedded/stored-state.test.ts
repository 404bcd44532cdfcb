/** What survives the broker, in the real folder. */
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import { openLogStore } from '@gatehouse/mqtt/log-store'
import type { StoredRecord } from '@gatehouse/mqtt/store'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
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
    expect(new Set((await storedRecords()).map(({ kind }) => kind))).toEqual(new Set(['retained']))
  })

  test('a client id still belongs to its user', async () => {
    await deviceWithMessage()
    await world.restart()
    const thief = await world.connect({ connect: { ...writer, clientId: 'press-7' } })
    expect(await thief.connack()).toBe(2)
    expect(await world.decided({ reason: 'client_id_taken' })).toHaveLength(1)
  })

  test('a new password keeps the session, and the folder contains neither password nor hash', async () => {
    const userId = await world.addUser('person', { password: 'a secret word', read: ['line-3/#'] })
    const connect = { username: 'person', password: Buffer.from('a secret word'), clientId: 'person', clean: false }
    const { client } = await join({ connect })
    await client.subscribeWith(1, 'line-3/#')
    await world.restart(async () => {
      const bytes = await readFile(firstSegment())
      for (const secret of ['a secret word', 'hash of']) expect(bytes.includes(secret)).toBe(false)
      await world.db.updateTable('users').set({ password_hash: 'another' }).where('id', '=', userId).execute()
    })
    expect((await join({ connect })).isPresent).toBe(true)
  })
})

const firstSegment = () => joinPath(world.stateFolder, '0000000001.log')

const folderOf = (): string => joinPath(world.stateFolder, '..')
const stateFiles = async () => (await readdir(folderOf())).filter((name) => name.startsWith('broker.')).toSorted()
const removeLog = () => rm(world.stateFolder, { recursive: true })

/** The broker must be stopped. */
async function storedRecords(): Promise<StoredRecord[]> {
  const log = await openLogStore(world.stateFolder)
  const records: StoredRecord[] = []
  for await (const record of log.load()) records.push(record)
  await log.close()
  return records
}

test('a session is deleted for the user who has it, and not after another user took the client id', async () => {
  const { userId, come } = await deviceWithMessage()
  const { client } = await come()
  const other = await world.addUser('other', { password: 'p' })
  expect(await world.broker.dropSession('press-7', other)).toBe(false)
  client.socket.destroy()
  await client.closed
  expect(await world.broker.dropSession('press-7', other)).toBe(false)
  expect(await world.broker.dropSession('press-7', userId)).toBe(true)
  expect(await world.broker.session('press-7')).toEqual({ found: null })
})

describe('a folder that cannot be used', () => {
  test('is readable by its owner only', async () => {
    for (const path of [world.stateFolder, firstSegment()]) expect((await stat(path)).mode & 0o077).toBe(0)
  })

  test.each<[string, string, (bytes: Buffer) => unknown]>([
    ['damaged', 'is damaged\\. Nothing was changed', (bytes) => bytes.fill('x', 0, 8)],
    ['of a newer version', 'has the layout 99', (bytes) => bytes.writeUInt32LE(99, 8)],
  ])('%s: stops the start, says why, and stays as it is', async (_name, says, spoil) => {
    let before = Buffer.alloc(0)
    const started = world.restart(async () => {
      before = await readFile(firstSegment())
      spoil(before)
      await writeFile(firstSegment(), before)
    })
    await expect(started).rejects.toThrow(new RegExp(`broker\\.log .*${says}`))
    expect((await readFile(firstSegment())).equals(before)).toBe(true)
  })
})

/** The file that the broker used before its log, made by commit b3100bd: one session, two messages that wait, one retained. */
describe('broker.db of an earlier version', () => {
  const made = joinPath(import.meta.dirname, '../../../test/upgrade/b3100bd/broker.db')
  const user = '01a22553-bfac-70b4-ad9d-bb79957db039'

  async function restartWithFile(prepare: () => Promise<unknown>): Promise<void> {
    await world.restart(async () => {
      await cp(made, joinPath(folderOf(), 'broker.db'))
      await prepare()
    })
  }

  test('is taken over at the first start, and set aside', async () => {
    await world.addUser('press-7', { id: user, password: 'p', read: ['line-3/#'] })
    await restartWithFile(removeLog)
    expect(await stateFiles()).toEqual(['broker.db.old', 'broker.log'])
    const connect = { username: 'press-7', password: Buffer.from('p'), clientId: 'press-7', clean: false }
    const { client, isPresent } = await join({ connect })
    expect(isPresent).toBe(true)
    expect((await client.next('publish'))?.payload.toString()).toBe('kept')
    expect((await client.next('publish'))?.payload.toString()).toBe('on')
    const { client: reader } = await join({ connect: { ...connect, clientId: 'reader', clean: true } })
    await reader.subscribe('line-3/#')
    expect(await reader.next('publish')).toMatchObject({ topic: 'line-3/state', retain: true })
  })

  test('is taken over again after a crash in the middle', async () => {
    await restartWithFile(async () => {
      await removeLog()
      await mkdir(`${world.stateFolder}.new`)
      await writeFile(joinPath(`${world.stateFolder}.new`, '0000000001.log'), 'half')
    })
    await world.broker.stop()
    expect(await storedRecords()).toContainEqual(expect.objectContaining({ kind: 'retained', key: 'line-3/state' }))
    expect(await stateFiles()).toEqual(['broker.db.old', 'broker.log'])
  })

  test('is set aside unread when there is a log', async () => {
    await restartWithFile(async () => undefined)
    await world.broker.stop()
    expect(await storedRecords()).toEqual([])
    expect(await stateFiles()).toEqual(['broker.db.old', 'broker.log'])
  })

  test('stops the start when it is damaged, and stays as it is', async () => {
    const started = restartWithFile(async () => {
      await removeLog()
      await writeFile(joinPath(folderOf(), 'broker.db'), 'no database '.repeat(1_000))
    })
    await expect(started).rejects.toThrow(/broker\.db is damaged/)
    expect(await stateFiles()).toContain('broker.db')
    expect(await stateFiles()).not.toContain('broker.log')
  })
})
