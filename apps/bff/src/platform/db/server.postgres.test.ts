/** The PostgreSQL server itself: an outage, refusals, TLS, and two Gatehouse processes on one database. */
import { chmodSync, chownSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { connectAsync, type IClientOptions } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../../../scripts/free-port.ts'
import { goodPassword, refused, startApp } from '../../../test/app.ts'
import { freshAdmin, makeUser } from '../../../test/authenticator.ts'
import { eventually } from '../../../test/broker-world.ts'
import { PostgresProcess } from '../../../test/postgres-process.ts'
import { startServer } from '../../../test/server-process.ts'
import { openSql } from '../../../test/sql.ts'
import { failToStartHere, startHere } from '../../../test/start-here.ts'
import { BadSettings } from '../base/bad-settings.ts'
import { systemClock } from '../base/clock.ts'
import { appendChange } from '../changes/store.ts'
import { openDatabase } from './open.ts'

const authority = makeAuthority({ subject: 'Database Authority' })
const port = await freePort()
let postgres: PostgresProcess
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-server-'))
  postgres = new PostgresProcess({
    listen_addresses: '127.0.0.1',
    port: String(port),
    ssl: 'on',
    ssl_cert_file: join(folder, 'server.crt'),
    ssl_key_file: join(folder, 'server.key'),
  })
  const { uid, gid } = statSync(postgres.folder)
  const { certificatePem, privateKeyPem } = issue(authority, { subject: 'localhost', extendedKeyUsage: ['serverAuth'] })
  const files = { 'server.crt': certificatePem, 'server.key': privateKeyPem, 'root.crt': authority.certificatePem }
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    chownSync(join(folder, name), uid, gid)
  }
  chmodSync(folder, 0o755)
  await postgres.start()
})
afterAll(async () => {
  await postgres.remove()
  await rm(folder, { recursive: true })
})

async function makeOwn(name: string, more = ''): Promise<{ env: Record<string, string>; place: { url: string } }> {
  await postgres.run(`create database ${name} ${more}`)
  const url = `${postgres.url(name)}&sslmode=disable`
  return { env: { GATEHOUSE_DATABASE_URL: url }, place: { url } }
}

describe('a server outage', () => {
  it('is logged, breaks nothing, keeps connections open, and changes made meanwhile are applied', async () => {
    const own = await makeOwn('away')
    const app = await startApp(own.env, { database: { ...own, remove: async () => {} } })
    const { id } = await makeUser(app, 'press-7')
    const permissions = [{ context: 'mqtt', resource: '#', operation: 'readWrite' }] as const
    const admin = await freshAdmin(app)
    await admin(users.update, { params: { id }, body: { permissions: [...permissions] } })
    const device: IClientOptions = { username: 'press-7', password: goodPassword, reconnectPeriod: 0 }
    const client = await connectAsync(app.started.mqttUrl ?? '', device)
    await client.subscribeAsync('line-3')
    const readiness = async () => (await fetch(`${app.url}/readyz`)).status
    expect(await readiness()).toBe(200)

    await postgres.stop()
    expect(await readiness()).toBe(503)
    await refused(admin(users.list, {}), 'unavailable')
    await refused(app.anyone(session.signIn, { body: { username: 'admin', password: goodPassword } }), 'unavailable')
    const delivered = new Promise((resolve) => {
      client.once('message', (topic) => resolve(topic))
    })
    await client.publishAsync('line-3', 'still')
    expect(await delivered).toBe('line-3')
    // 3: server unavailable. The client may try again.
    await expect(connectAsync(app.started.mqttUrl ?? '', device)).rejects.toMatchObject({ code: 3 })

    const closed = new Promise((resolve) => {
      client.once('close', () => resolve('closed'))
    })
    await postgres.start()
    await eventually(async () => expect(await readiness()).toBe(200))
    expect((await admin(users.list, {})).total).toBe(2)
    const other = await openDatabase(own.place)
    await other.db.transaction().execute(async (trx) => {
      await trx.deleteFrom('user_grants').where('user_id', '=', id).execute()
      await appendChange(trx, systemClock, { kind: 'user', ids: [id] })
    })
    await other.close()
    expect(await closed).toBe('closed')
    await app.stop()
  })
})

describe('two processes that start at once on an empty database', () => {
  it('create one installation with one administrator', async () => {
    const own = await makeOwn('twice')
    const env = { ...own.env, GATEHOUSE_ADMIN_PASSWORD: goodPassword }
    const data = [join(folder, 'data'), join(folder, 'data')]
    const ended = await Promise.all(
      data.map(async (dataDir) => {
        const server = await startServer(dataDir, env).catch((error: Error) => error.message)
        return typeof server === 'string' ? server : server.end('SIGTERM')
      }),
    )
    const sql = openSql(own.place)
    expect(await sql.column('select username from users')).toEqual(['admin'])
    expect(await sql.column("select action from audit_events where action = 'installation.created'")).toHaveLength(1)
    expect(await sql.value("select count(*) from roles where name = 'gatehouse-admin'")).toBe(1)
    await sql.close()
    expect(ended).toContain(0)
  })
})

describe('an empty database beside the keys of an installation', () => {
  it('prevents the start until a fresh start is requested', async () => {
    const [first, other] = [await makeOwn('filled'), await makeOwn('emptied')]
    const dataDir = join(folder, 'keys')
    await (await startHere(dataDir, first.env)).stop()
    expect(await failToStartHere(dataDir, other.env)).toMatch(
      /^The database that GATEHOUSE_DATABASE_URL names is empty .*holds authority\.key.*FRESH_START=allow\.\n$/,
    )
    const sql = openSql(other.place)
    expect(await sql.column("select table_name from information_schema.tables where table_schema = 'public'")).toEqual(
      [],
    )
    await sql.close()
    await (await startHere(dataDir, { ...other.env, GATEHOUSE_FRESH_START: 'allow' })).stop()
  })
})

describe('an unusable server is reported in one line', () => {
  it.each([
    ['if nothing listens', () => 'postgres://a:secret-word@127.0.0.1:1/x', 'ECONNREFUSED'],
    ['for an unknown host name', () => 'postgres://a:secret-word@no-such-host.invalid/x', 'no-such-host.invalid'],
    [
      'for a database that does not exist',
      () => postgres.url('nobody_made_it'),
      'database "nobody_made_it" does not exist',
    ],
    ['for a certificate of an unknown authority', () => tcp('verify-full'), 'unable to verify the first certificate'],
  ])('%s', async (_what, url, says) => {
    const { lines } = await refusedBy(openDatabase({ url: url() }))
    expect(lines).toEqual([expect.stringMatching(/^GATEHOUSE_DATABASE_URL: [^\n]+$/)])
    expect(lines[0]).toContain(says)
    expect(lines[0]).not.toContain('secret-word')
  })

  it('for a database in another encoding', async () => {
    const own = await makeOwn('ascii', "encoding 'SQL_ASCII' locale 'C' locale_provider libc template template0")
    const { lines } = await refusedBy(openDatabase(own.place))
    expect(lines).toEqual(['GATEHOUSE_DATABASE_URL: the database must use the encoding UTF8, this one uses SQL_ASCII'])
  })

  it('for a user without the right to create tables', async () => {
    await postgres.run('create role guest login')
    await makeOwn('foreign_one')
    const url = postgres.url('foreign_one', 'guest')
    expect(await failToStartHere(join(folder, 'none'), { GATEHOUSE_DATABASE_URL: url })).toMatch(
      /^GATEHOUSE_DATABASE_URL: this user may not create .* \(permission denied .*\)\n$/,
    )
  })
})

async function refusedBy(opening: Promise<unknown>): Promise<BadSettings> {
  const error = await opening.catch((reason: unknown) => reason)
  if (!(error instanceof BadSettings)) throw new Error('It was opened')
  return error
}

function tcp(mode: string): string {
  return `postgres://postgres@localhost:${port}/postgres?sslmode=${mode}`
}

describe('over TLS', () => {
  it.each([
    ['verifies the name and the authority', `verify-full&sslrootcert=FOLDER/root.crt`],
    ['verifies the authority', `verify-ca&sslrootcert=FOLDER/root.crt`],
    ['verifies nothing', 'require'],
  ])('%s', async (_what, mode) => {
    const database = await openDatabase({ url: tcp(mode.replace('FOLDER', folder)) })
    const { rows } = await database.reader.getExecutor().executeQuery<{ ssl: boolean }>({
      ...database.reader.selectNoFrom((e) => e.lit(1).as('one')).compile(),
      sql: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    })
    expect(rows).toEqual([{ ssl: true }])
    await database.close()
  })
})
