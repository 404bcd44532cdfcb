import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import { systemClock } from '../../platform/base/clock.ts'
import { makeKeyring, newDataKey } from '../../platform/base/keyring.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { openPreparedReader } from '../../platform/db/prepared-reader.ts'
import type { AdapterParts, BrokerAdapter, BrokerRow } from './adapter.ts'
import { BrokerSet } from './broker-set.ts'

let folder: string
let own: TestDatabase
let database: OpenDatabase
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-brokers-'))
  own = await makeDatabase(folder)
  database = await openDatabase(own.place)
  await migrate(database)
})
afterAll(async () => {
  await database.close()
  await own.remove()
  await rm(folder, { recursive: true })
})

const keyring = makeKeyring(newDataKey())
const never = new Promise<never>(() => {})
const ended = (disconnected: number | null) => async () => ({ isConfirmed: true, disconnected }) as const

const foresee = async () => ({ ends: 'concerned', connections: 2 }) as const

interface Behaviour {
  enforced: BrokerAdapter['enforced']
  foresee?: NonNullable<BrokerAdapter['foresee']>
  close?: () => Promise<void>
}

const behaviours = new Map<string, Behaviour>()
const made: { row: BrokerRow; parts: AdapterParts }[] = []

function adapterOf(row: { id: string; name: string }, behaviour: Behaviour): BrokerAdapter {
  const quiet = { capabilities: {} as never, state: () => never, test: async () => [], close: async () => {} }
  return { id: row.id, name: row.name, ...quiet, ...behaviour }
}

function openSet(): BrokerSet {
  const parts = {
    ...database,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    dataDir: folder,
    keyring,
    openChanges: () => openPreparedReader(own.place),
    adapters: {
      mosquitto: (row: BrokerRow<'mosquitto'>, given: AdapterParts) => {
        made.push({ row, parts: given })
        const behaviour = behaviours.get(row.id)
        if (!behaviour) throw new Error('These settings cannot work')
        return adapterOf(row, behaviour)
      },
    },
  }
  const embedded = { enforced: ended(2) }
  return new BrokerSet(adapterOf({ id: 'embedded', name: 'embedded' }, embedded), parts)
}

interface More {
  kind?: BrokerRow['kind']
  behaviour?: Behaviour
  passwordBox?: string
}

async function insert(name: string, more: More = {}): Promise<string> {
  const id = name
  if (more.behaviour) behaviours.set(id, more.behaviour)
  await database.db
    .insertInto('brokers')
    .values({
      id,
      name,
      name_folded: name,
      kind: more.kind ?? 'mosquitto',
      host: 'hall-2.example',
      port: 8883,
      tls: 1,
      authorities: null,
      username: 'gatehouse',
      password_box: more.passwordBox ?? keyring.encrypt(`password of ${name}`, `broker ${id}`),
      settings: '{}',
      created_at: '2026-11-29T06:00:00.000Z',
      version: 1,
    })
    .execute()
  return id
}

it('answers what each broker ended and would end when one is slow, one throws, and some have no adapter or an unreadable password', async () => {
  await insert('a', { behaviour: { enforced: ended(3), foresee } })
  await insert('hung', { behaviour: { enforced: () => never, foresee: () => never, close: () => never } })
  await insert('throws', {
    behaviour: {
      enforced: () => {
        throw new Error('at once')
      },
    },
  })
  await insert('unmade')
  await insert('unknown-kind', { kind: 'cedalo' })
  const passwordBox = makeKeyring(newDataKey()).encrypt('password', 'broker other-key')
  await insert('other-key', { behaviour: { enforced: ended(1) }, passwordBox })
  const brokers = openSet()
  await brokers.load()
  const { disconnected, disconnectedByBroker } = await brokers.waitFor([1])
  expect(disconnected).toBe(null)
  expect(
    Object.fromEntries(disconnectedByBroker.map((each) => [each.id, each.confirmed && each.disconnected])),
  ).toEqual({
    embedded: 2,
    a: 3,
    hung: false,
    throws: false,
    unmade: false,
    'unknown-kind': false,
    'other-key': false,
  })
  expect((await brokers.foresee({ users: [] })).map(({ id, ends, connections }) => [id, ends, connections])).toEqual([
    ['a', 'concerned', 2],
    ...['hung', 'other-key', 'throws', 'unknown-kind', 'unmade'].map((id) => [id, null, null]),
  ])
  expect(brokers.find('unmade')).toBe(undefined)
  expect(await brokers.waitFor([])).toEqual({ disconnected: 0, disconnectedByBroker: [] })
  await database.db.deleteFrom('brokers').where('id', '!=', 'a').execute()
  await brokers.load()
  expect(await brokers.waitFor([1])).toMatchObject({ disconnected: 5 })
  await brokers.close()
})

it('gives an adapter its password and the change log, and replaces it when its row has changed', async () => {
  const closed: string[] = []
  const close = async () => void closed.push('first')
  await insert('b', { behaviour: { enforced: ended(null), close } })
  const brokers = openSet()
  await brokers.load()
  const before = made.at(-1)
  expect(await brokers.waitFor([1])).toMatchObject({ disconnected: 5 })
  expect(before?.row).toMatchObject({ name: 'b', tls: true, settings: { capath: null, ports: { password: null } } })
  expect(before?.parts.password).toBe('password of b')
  expect(await before?.parts.changes.latestChange()).toBe(0)
  await brokers.load()
  expect(made.at(-1)).toBe(before)
  await database.db.updateTable('brokers').set({ host: 'other.example', version: 2 }).where('id', '=', 'b').execute()
  await brokers.load()
  expect(closed).toEqual(['first'])
  expect(made.at(-1)?.row).toMatchObject({ host: 'other.example', version: 2 })
  await brokers.close()
})
