/** Tests the real process: killed, started with bad settings, started twice. */
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { roles } from '@gatehouse/contract/access/roles'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { type Call, createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { goodPassword, refused } from './app.ts'
import { makeDatabase, type TestDatabase } from './database.ts'
import { failToStart, startServer } from './server-process.ts'
import { openSql } from './sql.ts'
import { failToStartHere, startHere } from './start-here.ts'

let folder: string
let database: TestDatabase
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-faults-'))
  database = await makeDatabase(folder)
})
afterEach(async () => {
  await database.remove()
  await rm(folder, { recursive: true })
})

async function adminOf(url: string): Promise<Call> {
  const credentials = { username: 'admin', password: goodPassword }
  const { token } = await createClient({ baseUrl: url })(session.login, { body: credentials })
  return createClient({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } })
}

/** Writes until the server is gone. Returns the ids of the successful writes. */
async function writeUntilKilled(call: Call, killAfter: number, kill: () => void): Promise<string[]> {
  const answered: string[] = []
  const done = (id: string) => {
    answered.push(id)
    if (answered.length === killAfter) kill()
  }
  const authority = makeAuthority({ subject: 'Kept' })
  const writes = Array.from({ length: 200 }, (_, n) => async () => {
    const body = { username: `device-${n}`, grantTypes: [{ method: 'certificate' as const }] }
    if (n % 10 === 1) done((await call(roles.create, { body: { name: `role-${n}` } })).id)
    else if (n === 50) {
      const { added } = await call(authorities.create, { body: { certificates: authority.certificatePem } })
      done(added[0]?.fingerprint ?? '')
    } else done((await call(users.create, { body })).id)
  })
  const worker = async (): Promise<void> => {
    for (let write = writes.shift(); write; write = writes.shift()) {
      const isGone = await write().then(
        () => false,
        () => true,
      )
      if (isGone) return
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return answered
}

describe('a killed process', () => {
  it('keeps every successful write, and no partial one', async () => {
    const server = await startServer(folder, database.env)
    const call = await adminOf(server.url)
    let ended: Promise<unknown> | undefined
    const answered = await writeUntilKilled(call, 100, () => void (ended = server.end('SIGKILL')))
    await ended
    expect(answered.length).toBeGreaterThanOrEqual(100)
    expect(answered.length).toBeLessThan(200)

    const again = await startHere(folder, database.env)
    const { total } = await (await adminOf(again.url))(users.list, {})
    await again.stop()
    const sql = openSql(database.place)
    const kept = await sql.column<string>(
      'select id from users union select id from roles union select fingerprint from authorities',
    )
    expect(answered.filter((id) => !kept.includes(id))).toEqual([])
    expect(await sql.damages()).toEqual([])
    expect(total).toBe(await sql.value('select count(*) from users'))
    const made = "'user.created', 'role.created', 'authority.added'"
    const events = await sql.column<string>(`select target_id from audit_events where action in (${made})`)
    const unsaid = kept.filter((id) => !events.includes(id))
    // The installation makes the built-in roles and the first administrator, with one event.
    const builtIn = await sql.column("select id from roles where name not like 'role-%'")
    expect(unsaid).toHaveLength(builtIn.length + 1)
    expect(events.filter((id) => !kept.includes(id))).toEqual([])
    await sql.close()
  })
})

describe('a process', () => {
  let printed = ''
  let code: number | null = null
  const secrets = [goodPassword, 'secret word', 'PRIVATE', '$argon2']
  const modes: Record<string, string> = {}

  // One process for the three tests: each start costs a second.
  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-process-'))
    await chmod(dataDir, 0o755)
    const own = await makeDatabase(dataDir)
    const server = await startServer(dataDir, { GATEHOUSE_LOG_LEVEL: 'trace', ...own.env })
    const wrong = { username: 'admin', password: 'a wrong secret word' }
    await refused(createClient({ baseUrl: server.url })(session.signIn, { body: wrong }), 'wrong_credentials')
    const call = await adminOf(server.url)
    const { privateKeyPem } = makeAuthority({ subject: 'Pasted' })
    await refused(call(authorities.create, { body: { certificates: privateKeyPem } }), 'private_key')
    const { id } = await call(users.create, { body: { username: 'quiet', password: 'another secret word' } })
    const { password } = await call(users.setPassword, { params: { id }, body: {} })
    secrets.push(password ?? '-', privateKeyPem.split('\n')[1] ?? '-')
    code = await server.end('SIGTERM')
    printed = server.printed()
    for (const name of ['.', 'authority.key', 'server.key']) {
      modes[name] = ((await stat(join(dataDir, name))).mode & 0o777).toString(8)
    }
    await own.remove()
    await rm(dataDir, { recursive: true })
  })

  it('exits at once with code 0 on SIGTERM', () => {
    expect(code).toBe(0)
  })

  it('restricts its folder and keys to its user', () => {
    expect(modes).toEqual({ '.': '700', 'authority.key': '600', 'server.key': '600' })
  })

  it('logs no secret at the most verbose level', () => {
    expect(printed).toContain('"code":"wrong_credentials"')
    for (const secret of secrets) expect(printed).not.toContain(secret)
  })
})

describe('a start with bad settings', () => {
  it('prints one line per bad setting', async () => {
    const env = { GATEHOUSE_HTTP_PORT: 'eighty', GATEHOUSE_LOG_LEVEL: 'loud', GATEHOUSE_PORT: '1' }
    expect(await failToStart(folder, env)).toEqual({
      code: 1,
      printed: [
        'GATEHOUSE_PORT: no such setting',
        'GATEHOUSE_HTTP_PORT: a port, 0 to 65535',
        'GATEHOUSE_LOG_LEVEL: one of trace, debug, info, warn, error, silent',
        '',
      ].join('\n'),
    })
  })

  it.each(['GATEHOUSE_HTTP_PORT', 'GATEHOUSE_MQTT_PORT', 'GATEHOUSE_MQTTS_PORT'])(
    'is said in one line when %s is in use',
    async (name) => {
      const other = createServer()
      const port = await new Promise<number>((resolve) => {
        other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port))
      })
      const printed = await failToStartHere(folder, { [name]: String(port), ...database.env })
      other.close()
      expect(printed).toContain(`127.0.0.1:${port}`)
    },
  )

  it.each([
    [
      'a first password that is too short',
      { GATEHOUSE_ADMIN_PASSWORD: 'short-secret' },
      'GATEHOUSE_ADMIN_PASSWORD: at least 15 characters',
    ],
    ['a certificate that is not there', { GATEHOUSE_TLS_CERT: '/no/cert', GATEHOUSE_TLS_KEY: '/no/cert' }, '/no/cert'],
    [
      'a certificate that is none',
      { GATEHOUSE_TLS_CERT: 'FOLDER/x', GATEHOUSE_TLS_KEY: 'FOLDER/x' },
      'x: not a certificate in PEM',
    ],
    ['an address that is not ours', { GATEHOUSE_HTTP_HOST: '203.0.113.9' }, '203.0.113.9'],
    ['a folder that is a file', { GATEHOUSE_DATA_DIR: 'FOLDER/x' }, 'x'],
  ])('is said in one line for %s', async (_what, env, says) => {
    await writeFile(join(folder, 'x'), 'nothing')
    const given = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value.replace('FOLDER', folder)]),
    )
    const printed = await failToStartHere(folder, { ...database.env, ...given })
    expect(printed).toContain(says)
    expect(printed).not.toContain('short-secret')
  })
})
