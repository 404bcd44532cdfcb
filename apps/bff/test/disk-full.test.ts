/** A disk that is really full: the data folder in a file system of a few MiB. Skipped where this user may not mount one. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { roles } from '@gatehouse/contract/access/roles'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { overview } from '@gatehouse/contract/operations/overview'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from './app.ts'
import { makeUser, signIn } from './authenticator.ts'
import { connectClient } from './mqtt-client.ts'
import { failToStart, startServer } from './server-process.ts'

const mib = 1024 * 1024

/** Null where this machine does not let us. */
function mountSmall(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder])
  if (mounted.status === 0) return folder
  rmSync(folder, { recursive: true })
  return null
}

const disk = mountSmall()

let app: TestApp
let dataDir = ''
beforeAll(async () => {
  if (!disk) return
  dataDir = join(disk, 'data')
  mkdirSync(dataDir)
  app = await startApp({ GATEHOUSE_LOW_SPACE_MIB: '8' }, { dataDir })
})
afterAll(async () => {
  if (!disk) return
  await app.stop()
  // Lazily: a server that a failed test left running does not keep it mounted.
  spawnSync('umount', ['-l', disk])
  rmSync(disk, { recursive: true, force: true })
})

/** Leaves so much free. */
function fill(freeBytes: number): void {
  if (!disk) return
  rmSync(join(disk, 'filler'), { force: true })
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)))
}

const ready = async (): Promise<unknown> => (await fetch(`${app.url}/readyz`)).json()

it.skipIf(!disk)('low space is on the overview before anything fails', async () => {
  const admin = await app.as('admin')
  fill(12 * mib)
  expect((await admin(overview.view, {})).storage).toMatchObject({ state: 'ok' })
  fill(4 * mib)
  expect((await admin(overview.view, {})).storage).toMatchObject({ state: 'low' })
  expect(await ready()).toEqual({ status: 'ready', broken: [] })
  const nobody = await app.as('nobody')
  expect((await nobody(overview.view, {})).storage).toBeNull()
})

it.skipIf(!disk)('a full disk answers 503 storage_full, changes nothing, and can still be read', async () => {
  const admin = await app.as('admin')
  await makeUser(app, 'press-7')
  const browser = await signIn(app, 'admin')
  const before = await admin(users.list, {})
  const rolesBefore = (await admin(roles.list, {})).total ?? 0
  fill(0)
  // A file that has room left inside takes some more.
  const writes = Array.from({ length: 400 }, (_, n) => () => admin(roles.create, { body: { name: `role-${n}` } }))
  let made = 0
  let error: unknown = null
  for (const write of writes) {
    error = await write()
      .then(() => (made++, null))
      .catch((reason: unknown) => reason)
    if (error) break
  }
  await refused(Promise.reject(error), 'storage_full')
  expect((await admin(roles.list, {})).total).toBe(rolesBefore + made)
  expect((await admin(users.list, {})).items).toEqual(before.items)
  expect((await admin(overview.view, {})).storage).toMatchObject({ state: 'full' })
  expect(await ready()).toEqual({ status: 'not ready', broken: ['storage'] })

  // A minute later each request would move the end of its session.
  app.advance(2 * 60_000)
  expect((await browser.call(users.list, {})).items).toEqual(before.items)
  const credentials = { username: 'admin', password: goodPassword }
  await refused(app.browser().call(session.signIn, { body: credentials }), 'storage_full')
  // 3: the server is unavailable. An attempt that cannot be counted is not looked at.
  const device = await connectClient(Number(new URL(app.started.mqttUrl ?? '').port), {
    connect: { username: 'press-7', password: Buffer.from(goodPassword) },
  })
  expect(await device.connack()).toBe(3)

  fill(12 * mib)
  await expect.poll(ready, { timeout: 15_000 }).toEqual({ status: 'ready', broken: [] })
  await admin(roles.create, { body: { name: 'after' } })
  expect((await admin(roles.list, {})).total).toBe(rolesBefore + made + 1)
})

it.skipIf(!disk)('the log names the cause once, and a start on a full disk says why in one line', async () => {
  const folder = join(disk ?? '', 'other')
  const server = await startServer(folder, {})
  fill(0)
  const body = JSON.stringify({ username: 'admin', password: goodPassword })
  const signingIn = () =>
    fetch(`${server.url}/api/login`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
  let status = 0
  for (let n = 0; n < 200 && status !== 503; n++) ({ status } = await signingIn())
  expect(status).toBe(503)
  const lines = () =>
    server
      .printed()
      .split('\n')
      .filter((line) => /the disk is full: nothing can be stored/.test(line))
  // The answer may arrive before the line in the log.
  await vi.waitFor(() => expect(lines()).toHaveLength(1), { timeout: 20_000 })
  expect(server.printed()).toMatch(/"cause":"SQLITE_FULL"/)
  expect(server.printed()).not.toContain('cannot rollback')
  await server.end('SIGTERM')

  fill(0)
  const { code, printed } = await failToStart(join(disk ?? '', 'third'), {})
  expect(code).toBe(1)
  expect(printed.trim().split('\n')).toHaveLength(1)
  expect(printed).toMatch(/full|ENOSPC/)
})
