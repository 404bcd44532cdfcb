/** The long poll, the reports and who waits for them, without a network. */
import { EventEmitter } from 'node:events'
import type { PullRequest, Report } from '@gatehouse/contract/brokers/enforcer-protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/base/clock.ts'
import { EnforcerConnection } from './connection.ts'

class Socket extends EventEmitter {
  destroy(): void {
    this.emit('close')
  }
}

const open = new AbortController().signal
const longest = 25_000
let connection: EnforcerConnection
let socket: Socket
beforeEach(() => {
  connection = new EnforcerConnection(systemClock)
  connection.feed.replace(1, new Map([['a', '1']]))
  socket = new Socket()
  connection.connected(socket)
})

const nowhere: PullRequest = { epoch: null, revision: 0, digest: null, waitMs: 0 }

async function upToDate(): Promise<PullRequest> {
  const { epoch, revision, digest } = await connection.pull(nowhere, open)
  return { epoch, revision, digest, waitMs: longest }
}

function change(sequence: number, value: string): number {
  connection.feed.change(sequence, { changed: [['a', value]], removed: [] })
  connection.changed()
  return connection.feed.revision
}

const report = (revision: number, more: Partial<Report> = {}): Report => ({
  epoch: connection.feed.epoch,
  revision,
  sequence: 1,
  isApplied: true,
  problems: [],
  ended: null,
  passwordsSet: [],
  inventory: null,
  at: new Date().toISOString(),
  ...more,
})

describe('a poll', () => {
  it('is held until something changes', async () => {
    const polling = connection.pull(await upToDate(), open)
    change(2, '2')
    expect(await polling).toMatchObject({ entries: { a: '2' }, sequence: 2 })
  })

  it('is answered at once when something changed before it', async () => {
    const position = await upToDate()
    change(2, '2')
    expect(await connection.pull(position, open)).toMatchObject({ entries: { a: '2' } })
  })

  it('ends without news when data that is in every answer has changed, also before the poll', async () => {
    const position = await upToDate()
    connection.answerNow()
    expect(await connection.pull(position, open)).toMatchObject({ entries: null })
    const polling = connection.pull(position, open)
    connection.answerNow()
    expect(await polling).toMatchObject({ entries: null })
    connection.answerNow()
    await connection.pull(position, AbortSignal.abort())
    expect(await connection.pull(position, open)).toMatchObject({ entries: null })
  })

  it('ends without news when its time is over, and when a later one comes', async () => {
    const position = await upToDate()
    expect(await connection.pull({ ...position, waitMs: 1 }, open)).toMatchObject({ entries: null })
    const first = connection.pull(position, open)
    const second = connection.pull(position, open)
    expect(await first).toMatchObject({ entries: null })
    change(2, '2')
    expect(await second).toMatchObject({ entries: { a: '2' } })
  })

  it('is refused before the first state is known: an empty one would take all rights away', async () => {
    const empty = new EnforcerConnection(systemClock)
    await expect(empty.pull(nowhere, open)).rejects.toMatchObject({ code: 'unavailable' })
    const waiting = empty.pull({ ...nowhere, waitMs: longest }, open)
    empty.feed.replace(1, new Map())
    empty.changed()
    expect(await waiting).toMatchObject({ isWhole: true, entries: {} })
  })
})

describe('a change', () => {
  it('is applied when the enforcer reports it, and not by the report of an earlier one', async () => {
    const first = change(2, '2')
    const applied = connection.applied(change(3, '3'))
    connection.reported(report(first))
    connection.reported(report(connection.feed.revision, { ended: 4 }))
    expect(await applied).toEqual({ ended: 4 })
    expect(connection.isUpToDate).toBe(true)
    expect(await connection.applied(first)).toEqual({ ended: 0 })
  })

  it('is not applied by a report with a problem', async () => {
    const revision = change(2, '2')
    const applied = connection.applied(revision)
    connection.reported(report(revision, { isApplied: false, problems: [{ code: 'unreachable', detail: null }] }))
    expect(connection.isUpToDate).toBe(false)
    connection.reported(report(revision))
    expect(await applied).toEqual({ ended: null })
  })

  it('is known not to be applied when the enforcer is away, or its connection ends', async () => {
    const revision = change(2, '2')
    const applied = connection.applied(revision)
    socket.destroy()
    expect(await applied).toBeNull()
    expect(connection.isConnected).toBe(false)
    expect(await connection.applied(revision)).toBeNull()
  })
})

describe('a report', () => {
  it('is refused if it is of an older state than the last one, of another process, or of a state that was never sent', () => {
    const first = connection.feed.revision
    const second = change(2, '2')
    connection.reported(report(second))
    expect(() => connection.reported(report(first))).toThrow('stale_report')
    expect(() => connection.reported(report(second + 1))).toThrow('stale_report')
    const other = '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b76'
    expect(() => connection.reported(report(second, { epoch: other }))).toThrow('stale_report')
    expect(connection.isUpToDate).toBe(true)
  })
})

describe('a restoration', () => {
  it('is sent once, and done when the enforcer reports its number', async () => {
    const polling = connection.pull(await upToDate(), open)
    const restored = connection.restore()
    const { restore } = await polling
    expect(restore).toBe(1)
    expect(await connection.pull(nowhere, open)).not.toHaveProperty('restore')
    connection.reported(report(connection.feed.revision))
    connection.reported(report(connection.feed.revision, { restored: restore }))
    expect(await restored).toBe(true)
  })

  it('is not done if the enforcer is away, or its connection ends', async () => {
    const restored = connection.restore()
    socket.destroy()
    expect(await restored).toBe(false)
    expect(await connection.restore()).toBe(false)
    connection.connected(new Socket())
    expect(await connection.pull(nowhere, open)).not.toHaveProperty('restore')
  })
})

describe('a password', () => {
  const secret = { username: 'press-7', password: 'nine slow ferries', tag: 't' }

  it('is sent until the enforcer has it, and a newer one replaces it', async () => {
    const polling = connection.pull(await upToDate(), open)
    connection.sendPassword({ ...secret, password: 'older' })
    expect(await polling).toMatchObject({ passwords: [{ password: 'older' }] })
    connection.sendPassword(secret)
    const { passwords } = await connection.pull(nowhere, open)
    expect(passwords).toMatchObject([secret])
    connection.reported(report(connection.feed.revision, { passwordsSet: passwords.map(({ id }) => id) }))
    expect((await connection.pull(nowhere, open)).passwords).toEqual([])
  })

  it('is forgotten when the enforcer is away', async () => {
    connection.sendPassword(secret)
    socket.destroy()
    connection.sendPassword(secret)
    connection.connected(new Socket())
    expect((await connection.pull(nowhere, open)).passwords).toEqual([])
  })
})
