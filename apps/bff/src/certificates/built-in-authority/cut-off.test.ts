/** An interrupted replacement: whatever files a kill leaves, the pair that the database names is found. */
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import { session } from '@gatehouse/contract/identity/sign-in'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, makeBrowser, startApp, type TestApp } from '../../../test/app.ts'
import { makeDatabase } from '../../../test/database.ts'
import { startServer } from '../../../test/server-process.ts'
import { startHere } from '../../../test/start-here.ts'
import { findAuthority } from './authority-files.ts'

const names = ['authority.crt', 'authority.key', 'authority.next.crt', 'authority.next.key'] as const
/** The content of each file; missing if there is none. */
type Files = Record<(typeof names)[number], string | null>

interface Pair {
  certificate: string
  key: string
}

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.stop())

async function readPair(): Promise<Pair> {
  const inPlace = names.slice(0, 2).map((name) => readFile(join(app.dataDir, name), 'utf8'))
  const [certificate = '', key = ''] = await Promise.all(inPlace)
  return { certificate, key }
}

async function leave(files: Files): Promise<void> {
  for (const name of names) {
    await rm(join(app.dataDir, name), { force: true })
    if (files[name] !== null) await writeFile(join(app.dataDir, name), files[name], { mode: 0o600 })
  }
}

/** The pair that is used after a start. The server's certificate is signed by it. */
async function restarted(): Promise<Pair> {
  await app.restart()
  const pair = await readPair()
  expect(await (await app.as('admin'))(authorities.builtIn, {})).toBe(pair.certificate)
  expect((await readdir(app.dataDir)).filter((name) => name.includes('next'))).toEqual([])
  expect((await stat(join(app.dataDir, 'authority.key'))).mode & 0o777).toBe(0o600)
  const server = new X509Certificate(await readFile(join(app.dataDir, 'server.crt')))
  expect(server.verify(new X509Certificate(pair.certificate).publicKey)).toBe(true)
  return pair
}

const filesOf = (place: Pair, next: Partial<Pair> = {}): Files => ({
  'authority.crt': place.certificate,
  'authority.key': place.key,
  'authority.next.crt': next.certificate ?? null,
  'authority.next.key': next.key ?? null,
})

describe('a kill', () => {
  it('before the commit keeps the old pair', async () => {
    const old = await readPair()
    const { certificatePem: certificate, privateKeyPem: key } = makeAuthority()
    await leave(filesOf(old, { key }))
    expect(await restarted()).toEqual(old)
    await leave(filesOf(old, { certificate, key }))
    expect(await restarted()).toEqual(old)
  })

  it('after the commit installs the new pair', async () => {
    const old = await readPair()
    await (await app.as('admin'))(builtInAuthority.replace, { body: { renew: true } })
    const fresh = await readPair()
    expect(fresh).not.toEqual(old)
    for (const place of [old, { ...old, key: fresh.key }, fresh]) {
      await leave(filesOf(place, fresh))
      expect(await restarted()).toEqual(fresh)
    }
    await leave(filesOf(fresh, { key: fresh.key }))
    expect(await restarted()).toEqual(fresh)
  })

  it('between the two files of the server’s certificate: a new one is made', async () => {
    const pair = await readPair()
    const other = makeAuthority({ key: 'p-256' })
    await writeFile(join(app.dataDir, 'server.key'), other.privateKeyPem)
    expect(await restarted()).toEqual(pair)
    await writeFile(join(app.dataDir, 'server.crt'), '-----BEGIN CERTIFICATE-----\nMIIB')
    expect(await restarted()).toEqual(pair)
  })
})

it('a start without the pair reports which one is missing, and makes no other', async () => {
  const pair = await readPair()
  const { certificatePem: certificate, privateKeyPem: key } = makeAuthority()
  await leave(filesOf({ ...pair, key }, { certificate }))
  await expect(app.restart()).rejects.toThrow(/copy them from the backup/)
  const { fingerprint256 } = new X509Certificate(pair.certificate)
  expect(await findAuthority(app.dataDir, fingerprint256.replaceAll(':', '').toLowerCase())).toBeNull()
  await leave(filesOf(pair))
  expect(await restarted()).toEqual(pair)
})

/** Milliseconds from the request to the kill. The tests above leave the files of each moment by hand. */
const moments = process.env['GATEHOUSE_TEST_ALL'] ? [5, 20, 60] : [20]

it('a process killed at any moment of a replacement starts again', { timeout: 240_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-cut-off-'))
  const database = await makeDatabase(folder)
  for (const afterMs of moments) {
    const server = await startServer(folder, database.env)
    const { call } = makeBrowser(() => server.url)
    await call(session.signIn, { body: { username: 'admin', password: goodPassword } })
    const pem = await call(authorities.builtIn, {})
    expect(pem).toBe(await readFile(join(folder, 'authority.crt'), 'utf8'))
    const replacing = call(builtInAuthority.replace, { body: { renew: true } }).catch(() => null)
    await wait(afterMs)
    await server.end('SIGKILL')
    await replacing
  }
  await (await startHere(folder, database.env)).stop()
  await database.remove()
  await rm(folder, { recursive: true })
})
