/** The data folder that the server finds at its start: used by another server, incomplete, damaged, readable for others. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runAdmin } from './admin-process.ts'
import { goodPassword } from './app.ts'
import { failToStart, startServer } from './server-process.ts'
import { failToStartHere, startHere } from './start-here.ts'

/** An installation that has ended: each test that needs one has a copy. */
let ended = ''
beforeAll(async () => {
  ended = mkdtempSync(join(tmpdir(), 'gatehouse-ended-'))
  await (await startHere(ended)).stop()
})
afterAll(() => rmSync(ended, { recursive: true }))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-folder-'))
})
const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  rmSync(folder, { recursive: true })
})

async function run(env: Record<string, string> = {}): Promise<{ url: string }> {
  const started = await startHere(folder, env)
  stops.push(started.stop)
  return started
}

/** A process, for tests that kill it or read what only a process has. */
async function runProcess() {
  const server = await startServer(folder)
  stops.push(() => server.end('SIGKILL'))
  return server
}

const install = () => cpSync(ended, folder, { recursive: true })
const at = (name: string) => join(folder, name)
/** Names and contents, except of what opening a database makes beside it. */
const everything = () =>
  readdirSync(folder)
    .filter((name) => !/^gatehouse\.(lock|pid|db-wal|db-shm)/.test(name) && statSync(at(name)).isFile())
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(at(name)))
          .digest('hex')}`,
    )

/** What a start prints that is refused in one line and changes nothing. */
async function refusedStart(env: Record<string, string> = {}): Promise<string> {
  const before = everything()
  const printed = await failToStartHere(folder, env)
  expect(everything()).toEqual(before)
  return printed
}

const canSignIn = async ({ url }: { url: string }) => {
  const body = { username: 'admin', password: goodPassword }
  return Boolean((await createClient({ baseUrl: url })(session.login, { body })).token)
}

describe('a second server on the same data folder', () => {
  it('does not start, and names the first', async () => {
    const first = await run()
    const { code, printed } = await failToStart(folder, {})
    const pid = readFileSync(at('gatehouse.pid'), 'utf8').split(' ')[0]
    expect(printed).toMatch(
      new RegExp(
        `^The server with process id ${pid}, running since \\d{4}-[^ ]+Z, uses ${folder}\\. Stop it first,.*\\n$`,
      ),
    )
    expect(code).toBe(1)
    expect(await canSignIn(first)).toBe(true)
  })

  it('starts when the first was killed, whatever process has its id now', async () => {
    const first = await runProcess()
    await first.end('SIGKILL')
    // As after a reboot: the id belongs to another program, here to this one.
    writeFileSync(at('gatehouse.pid'), `${process.pid} 2026-01-01T00:00:00.000Z\n`)
    expect(await canSignIn(await run())).toBe(true)
  })

  it('starts at once when the first has ended, and leaves no process id behind', async () => {
    await (await startHere(folder)).stop()
    expect(readdirSync(folder)).not.toContain('gatehouse.pid')
    expect(await canSignIn(await run())).toBe(true)
  })

  it('does not keep admin commands from running beside the first', async () => {
    await run()
    const { code } = await runAdmin(['unlock', 'admin'], { GATEHOUSE_DATA_DIR: folder })
    expect(code).toBe(0)
  })
})

describe('a data folder without its database', () => {
  it.each<[string, () => void]>([
    ['missing', () => rmSync(at('gatehouse.db'))],
    ['empty', () => truncateSync(at('gatehouse.db'))],
  ])('does not start where the file is %s, and says how to begin anew', async (_what, lose) => {
    install()
    lose()
    expect(await refusedStart()).toMatch(
      /^\S+gatehouse\.db is missing or empty, but \S+ holds authority\.key, authority\.crt, secret\.key, .*docs\/backup\.md.* GATEHOUSE_FRESH_START=allow\.\n$/,
    )
  })

  it('does not start where the file holds a database without tables', async () => {
    install()
    rmSync(at('gatehouse.db'))
    spawnSync(process.execPath, [
      '-e',
      `new (require('node:sqlite').DatabaseSync)(${JSON.stringify(at('gatehouse.db'))}).exec('pragma journal_mode = wal; pragma user_version = 1; vacuum')`,
    ])
    expect(await refusedStart()).toMatch(/gatehouse\.db is empty, but /)
  })

  it('does not start where only the write-ahead log is left', async () => {
    writeFileSync(at('gatehouse.db-wal'), 'the newest changes')
    expect(await refusedStart()).toMatch(/holds gatehouse\.db-wal of an installation/)
    expect(readFileSync(at('gatehouse.db-wal'), 'utf8')).toBe('the newest changes')
  })

  it('starts when a fresh start is asked for, with the same keys', async () => {
    install()
    const key = readFileSync(at('authority.key'), 'utf8')
    rmSync(at('gatehouse.db'))
    expect(await canSignIn(await run({ GATEHOUSE_FRESH_START: 'allow' }))).toBe(true)
    expect(readFileSync(at('authority.key'), 'utf8')).toBe(key)
  })
})

describe('a data folder that is damaged', () => {
  it('says so in one line where the database file is none', async () => {
    install()
    writeFileSync(at('gatehouse.db'), 'x'.repeat(100_000))
    expect(await refusedStart()).toMatch(/^\S+gatehouse\.db is damaged\. .* docs\/backup\.md \(SQLITE_NOTADB: .*\)\n$/)
  })

  it('says so in one line where pages of the database were overwritten', async () => {
    install()
    const bytes = readFileSync(at('gatehouse.db'))
    writeFileSync(at('gatehouse.db'), bytes.fill(0xa5, 4_096))
    expect(await refusedStart()).toMatch(/^\S+gatehouse\.db is damaged\. .* docs\/backup\.md \(SQLITE_CORRUPT.*\)\n$/)
  })

  it.each<[string, RegExp, string]>([
    ['authority.key', /authority\.crt and authority\.key that this database was used with/, 'rubbish'],
    ['authority.crt', /authority\.crt and authority\.key that this database was used with/, 'rubbish'],
    ['secret.key', /secret\.key is no key/, 'rubbish'],
    ['secret.key', /secret\.key is no key/, ''],
  ])('says so in one line where %s is not what it was', async (name, says, text) => {
    install()
    writeFileSync(at(name), text)
    expect(await refusedStart()).toMatch(says)
  })

  it.each(['authority.key', 'secret.key', 'server.key', 'gatehouse.db'])(
    'says so in one line where %s cannot be read',
    async (name) => {
      install()
      copyFileSync(at(name), at('kept'))
      rmSync(at(name))
      // A folder: root may read any file.
      mkdirSync(at(name))
      expect(await refusedStart()).toMatch(new RegExp(name.replace('.', '\\.')))
    },
  )

  it('makes a server certificate anew where it is not what it was', async () => {
    install()
    writeFileSync(at('server.crt'), 'rubbish')
    expect(await canSignIn(await run())).toBe(true)
    expect(readFileSync(at('server.crt'), 'utf8')).toContain('BEGIN CERTIFICATE')
  })
})

const isFolder = (name: string) => statSync(at(name)).isDirectory()
const modes = () => new Map(readdirSync(folder).map((name) => [name, (statSync(at(name)).mode & 0o777).toString(8)]))

describe('the files of the data folder', () => {
  it('are readable for their user only, while the server runs', async () => {
    await runProcess()
    const found = modes()
    for (const name of ['gatehouse.db', 'gatehouse.db-wal', 'gatehouse.db-shm']) expect(found.get(name)).toBe('600')
    for (const [name, mode] of found) expect([name, mode]).toEqual([name, isFolder(name) ? '700' : '600'])
  })

  it('that others could read before are tightened at the start, but not what a link names', async () => {
    install()
    const outside = mkdtempSync(join(tmpdir(), 'gatehouse-outside-'))
    writeFileSync(join(outside, 'file'), '')
    chmodSync(join(outside, 'file'), 0o644)
    symlinkSync(join(outside, 'file'), at('link'))
    for (const name of ['gatehouse.db', 'authority.crt', 'secret.key']) chmodSync(at(name), 0o644)
    await run()
    const found = modes()
    expect(['gatehouse.db', 'authority.crt', 'secret.key'].map((name) => found.get(name))).toEqual([
      '600',
      '600',
      '600',
    ])
    expect((statSync(join(outside, 'file')).mode & 0o777).toString(8)).toBe('644')
    rmSync(outside, { recursive: true })
  })
})
