// @postgres
/** The client CAs of a Cedalo broker against a fake that answers as documented, and as badly as a broker can. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Issued, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../../../test/broker-world.ts'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import { type FakeCedalo, type Manner, proListeners, startFakeCedalo } from '../../../test/fake-cedalo.ts'
import { storeAuthority } from '../../../test/stored-authority.ts'
import { deleteAuthority } from '../../certificates/authorities/store.ts'
import { systemClock } from '../../platform/base/clock.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { insertBroker } from '../inventory/store.ts'
import { type ControlClient, connectControl } from '../mosquitto/control-client.ts'
import { listListeners } from './control.ts'
import { Deployer } from './deployer.ts'
import { fileNameOf, newDeployment } from './plan.ts'
import { listDeployments, saveDeployments } from './store.ts'

const brokerId = '019d2a41-5c1e-7a90-8d27-6b4e2f1a0c35'
const [north, south] = [makeAuthority({ subject: 'North CA' }), makeAuthority({ subject: 'South CA' })]
const limited = makeAuthority({ subject: 'Limited CA' })

let folder: string
let own: TestDatabase
let database: OpenDatabase
let fake: FakeCedalo
let control: ControlClient
/** Does not wait long for answers that never come. */
let impatient: ControlClient
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-cedalo-'))
  own = await makeDatabase(folder)
  database = await openDatabase(own.place)
  await migrate(database)
  await database.db.transaction().execute(async (trx) => {
    const row = { id: brokerId, name: 'hall-2', kind: 'cedalo', host: '127.0.0.1', port: 1883, tls: false } as const
    const more = { authorities: null, username: 'gatehouse', createdAt: '2026-11-01T10:00:00.000Z', version: 1 }
    await insertBroker(trx, { ...row, ...more, settings: { listeners: [] } }, null)
    for (const each of [north, south]) await storeAuthority(trx, each)
    await storeAuthority(trx, limited, ['press-*'])
  })
  fake = await startFakeCedalo()
  control = await connect()
  impatient = await connect(200)
})
afterAll(async () => {
  await control.close()
  await impatient.close()
  await fake.stop()
  await database.close()
  await own.remove()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  Object.assign(fake, { manner: 'answer', refuses: () => null, received: [], kicks: 0, listeners: proListeners() })
  fake.capaths.clear()
})
afterEach(() => database.db.deleteFrom('authority_deployments').execute())

function connect(answerWithinMs = 30_000): Promise<ControlClient> {
  const { promise, resolve } = Promise.withResolvers<ControlClient>()
  const address = { host: '127.0.0.1', port: fake.port, tls: false, ca: null, username: 'gatehouse', password: '' }
  const client: ControlClient = connectControl(address, { answerWithinMs, onConnect: () => resolve(client) })
  return promise
}

function makeDeployer(following: number[] = []): Deployer {
  return new Deployer({ db: database.db, clock: systemClock, control, brokerId, following })
}

async function want({ fingerprint }: Issued, listeners: number[], isWanted = true): Promise<void> {
  const ports = new Map([
    [2, 8883],
    [3, 8884],
    [4, 8885],
    [9, 8889],
  ])
  const rows = listeners.map((listenerId) => ({
    ...newDeployment(
      { brokerId, listenerId, listenerPort: ports.get(listenerId) ?? 0, fingerprint, name: 'CA' },
      '2026-11-01T10:00:00.000Z',
    ),
    isWanted,
  }))
  await database.db.transaction().execute((trx) => saveDeployments(trx, rows))
}

async function inventory(): Promise<string[]> {
  const rows = await listDeployments(database.db, { brokerId })
  return rows.map(({ listenerId, presence, error }) => `${listenerId} ${presence}${error ? ` ${error}` : ''}`)
}

const file = ({ fingerprint }: Issued) => fileNameOf(fingerprint)
const filesOf = (listener: number) => [...(fake.capaths.get(listener)?.keys() ?? [])].toSorted()
const settle = (deployer: Deployer, isVerifying = false) => deployer.settle({ isVerifying })

describe('with a broker that answers', () => {
  it('inserts a CA on each chosen listener, and sends nothing when all is there', async () => {
    await want(north, [2, 3])
    const deployer = makeDeployer()
    expect(await settle(deployer)).toBe(true)
    expect(await inventory()).toEqual(['2 present', '3 present'])
    expect(fake.capaths.get(2)?.get(file(north))).toBe(north.certificatePem)
    expect(await settle(deployer)).toBe(true)
    expect(fake.received).toHaveLength(2)
  })

  it('deletes a CA that is not wanted any more, and then ends the connections of all users', async () => {
    await want(north, [2])
    const deployer = makeDeployer()
    await settle(deployer)
    expect(fake.kicks).toBe(0)
    await want(north, [2], false)
    expect(await settle(deployer)).toBe(true)
    expect(filesOf(2)).toEqual([])
    expect(await inventory()).toEqual([])
    expect(fake.kicks).toBe(1)
  })

  it('takes "File already exists" as done, because the name of a file says what is in it', async () => {
    fake.capaths.set(2, new Map([[file(north), north.certificatePem]]))
    await want(north, [2])
    expect(await settle(makeDeployer())).toBe(true)
    expect(await inventory()).toEqual(['2 present'])
  })

  it('never touches a file that is not ours', async () => {
    fake.capaths.set(2, new Map([['plant.pem', 'theirs']]))
    await want(north, [2], false)
    await settle(makeDeployer([2]))
    expect(filesOf(2)).toContain('plant.pem')
    expect(fake.received.some((each) => each.includes('plant.pem'))).toBe(false)
  })

  it('restores what a restarted container has lost', async () => {
    await want(north, [2, 3])
    await settle(makeDeployer())
    fake.capaths.clear()
    expect(await settle(makeDeployer(), true)).toBe(true)
    expect([...filesOf(2), ...filesOf(3)]).toEqual([file(north), file(north)])
  })

  it('keeps what failed on one listener apart from what worked on another, and repairs it with the next attempt', async () => {
    fake.refuses = ({ listener_id: id }) => (id === 3 ? 'Disk full' : null)
    await want(north, [2, 3])
    const deployer = makeDeployer()
    expect(await settle(deployer)).toBe(false)
    expect(await inventory()).toEqual(['2 present', '3 absent Disk full'])
    expect(deployer.problems).toEqual([{ code: 'trust_not_applied', detail: '1' }])
    fake.refuses = () => null
    expect(await settle(deployer)).toBe(true)
    expect(await inventory()).toEqual(['2 present', '3 present'])
    expect(fake.received.filter((each) => each.startsWith('insert 2'))).toHaveLength(1)
  })

  it('puts every trusted CA on a listener that follows, but none that is limited to usernames', async () => {
    await settle(makeDeployer([2]))
    expect(filesOf(2)).toEqual([file(north), file(south)].toSorted())
    await want(limited, [3])
    await settle(makeDeployer([2]))
    expect(filesOf(3)).toEqual([])
  })

  it('removes the root of an intermediate that gets a username limit, and names both', async () => {
    const root = makeAuthority({ subject: 'Root of hall 4' })
    const line = issueAuthority(root, { subject: 'Line 4' })
    await database.db.transaction().execute((trx) => storeAuthority(trx, root))
    await want(root, [3])
    const deployer = makeDeployer([2])
    await settle(deployer)
    expect([filesOf(2), filesOf(3)]).toEqual([[file(north), file(south), file(root)].toSorted(), [file(root)]])
    await database.db.transaction().execute((trx) => storeAuthority(trx, line, ['press-*']))
    expect(await settle(deployer)).toBe(true)
    expect([filesOf(2), filesOf(3)]).toEqual([[file(north), file(south)].toSorted(), []])
    expect(fake.kicks).toBe(1)
    expect(deployer.problems).toEqual([{ code: 'authorities_left_out', detail: 'Limited CA, Line 4, Root of hall 4' }])
    await database.db.transaction().execute(async (trx) => {
      for (const { fingerprint } of [root, line]) await deleteAuthority(trx, fingerprint)
    })
  })

  it('says that a refused removal may have left the CA there', async () => {
    await want(north, [2])
    await settle(makeDeployer())
    await want(north, [2], false)
    fake.refuses = () => 'Permission denied'
    expect(await settle(makeDeployer())).toBe(false)
    expect(await inventory()).toEqual(['2 unknown Permission denied'])
    expect(fake.kicks).toBe(0)
  })
})

describe('listeners', () => {
  it('are refused on a listener that does not require certificates, is missing, or has another port now', async () => {
    await want(north, [4, 9])
    await want(south, [2])
    fake.listeners = [{ ...proListeners()[3] }, { ...proListeners()[1], port: 9999 }]
    expect(await settle(makeDeployer())).toBe(false)
    expect(await inventory()).toEqual([
      '2 absent listener_changed',
      '4 absent listener_unsuitable',
      '9 absent listener_missing',
    ])
    expect(fake.received).toEqual([])
  })

  it('without ids are those of the open source Mosquitto, and nothing is sent to them', async () => {
    fake.listeners = [{ port: 8883, protocol: 'mqtt', tls: true }]
    await want(north, [2])
    const deployer = makeDeployer()
    expect(await settle(deployer)).toBe(false)
    expect(deployer.problems).toEqual([{ code: 'listeners_without_ids', detail: null }])
    expect(fake.received).toEqual([])
  })

  it.each([
    ['an id twice', [proListeners()[1], proListeners()[1]]],
    ['a text as id', [{ ...proListeners()[1], id: '2' }]],
    ['an id of 0', [{ ...proListeners()[1], id: 0 }]],
    ['no list', { id: 2 }],
  ])('are a wrong answer with %s', async (_what, listeners) => {
    Object.assign(fake, { listeners })
    expect(await listListeners(control)).toEqual({ fault: 'wrong_answer' })
  })
})

describe('with a broker that answers badly', () => {
  it.each<[Manner, string]>([
    ['never', 'no_answer'],
    ['foreign', 'no_answer'],
    ['garbled', 'no_answer'],
    ['other-command', 'wrong_answer'],
    ['no-data', 'wrong_answer'],
  ])('%s: does not know whether the CA is there, and finds out with the next attempt', async (manner, error) => {
    await want(north, [2])
    let isFirst = true
    const lateControl = {
      send: (topic: string, commands: readonly Readonly<Record<string, unknown>>[]) => {
        // The listeners are answered well; what follows is not.
        const by = isFirst || error !== 'no_answer' ? control : impatient
        fake.manner = isFirst ? 'answer' : manner
        isFirst = false
        return by.send(topic, commands)
      },
    }
    const parts = { db: database.db, clock: systemClock, control: lateControl, brokerId, following: [] }
    expect(await new Deployer(parts).settle({ isVerifying: false })).toBe(false)
    expect(await inventory()).toEqual([`2 unknown ${error}`])
    fake.manner = 'answer'
    expect(await settle(makeDeployer())).toBe(true)
    expect(await inventory()).toEqual(['2 present'])
  })

  it('twice: takes the first answer', async () => {
    fake.manner = 'twice'
    await want(north, [2, 3])
    expect(await settle(makeDeployer())).toBe(true)
    expect(await inventory()).toEqual(['2 present', '3 present'])
  })

  it('away: sends nothing, and forgets nothing', async () => {
    await want(north, [2])
    await settle(makeDeployer())
    await want(north, [2], false)
    const lost = await connect()
    fake.dropAll()
    await eventually(() => expect(lost.isConnected).toBe(false))
    const parts = { db: database.db, clock: systemClock, control: lost, brokerId, following: [] }
    await new Deployer(parts).settle({ isVerifying: false })
    await lost.close()
    await eventually(() => expect(control.isConnected).toBe(true))
    expect(await settle(makeDeployer())).toBe(true)
    expect(filesOf(2)).toEqual([])
  })

  it('without dynsec: says that live connections could not be ended', async () => {
    await want(north, [2])
    await settle(makeDeployer())
    await want(north, [2], false)
    fake.hasDynsec = false
    const mixed: Pick<ControlClient, 'send'> = {
      send: (topic, commands) => (topic.includes('dynamic-security') ? impatient : control).send(topic, commands),
    }
    const parts = { db: database.db, clock: systemClock, control: mixed, brokerId, following: [] }
    const deployer = new Deployer(parts)
    expect(await settle(deployer)).toBe(false)
    expect(deployer.problems).toContainEqual({ code: 'dynsec_missing', detail: null })
    // The next attempt has a control client that waits long enough for the answer.
    fake.hasDynsec = true
    mixed.send = (topic, commands) => control.send(topic, commands)
    expect(await settle(deployer)).toBe(true)
    expect(fake.kicks).toBe(1)
  })
})
