import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compileAcls } from './acls.ts'
import { isAllowed } from './allowed-folders.ts'
import { writeFirstLoad } from './first-load.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-first-load-'))
})
afterAll(() => rm(folder, { recursive: true }))

const client = (username: string) => ({
  username,
  acls: compileAcls([{ context: 'mqtt', resource: 'line-3/#', operation: 'read' }]),
  passwordTag: null,
})

const names = (values: Record<string, string>[], field: string) => values.map((each) => each[field])

it('keeps the account of the console and foreign clients, and replaces managed ones', async () => {
  const path = join(folder, 'dynsec.json')
  execFileSync('mosquitto_ctrl', ['dynsec', 'init', path, 'gatehouse', 'a password'])
  const { mode } = await stat(path)
  await writeFirstLoad(path, [client('press-7'), client('press-8')])
  const first = JSON.parse(await readFile(path, 'utf8'))
  first.clients.push({ username: 'stranger', roles: [{ rolename: 'admin' }] })
  await writeFile(path, JSON.stringify(first))
  await writeFirstLoad(path, [client('press-8')])
  const { clients, roles, defaultACLAccess } = JSON.parse(await readFile(path, 'utf8'))
  expect(names(clients, 'username')).toEqual(['gatehouse', 'stranger', 'press-8'])
  expect(names(roles, 'rolename')).toEqual(['admin', 'gatehouse', 'u:press-8'])
  expect(defaultACLAccess.publishClientReceive).toBe(false)
  expect(clients.find(({ username }: { username: string }) => username === 'gatehouse').password).toBeTruthy()
  expect((await stat(path)).mode).toBe(mode)
})

it.each(['', 'null', '{"clients":[{}],"roles":[]}', '{"clients":{}}'])(
  'does not touch a file with %j',
  async (text) => {
    const path = join(folder, 'other.json')
    await writeFile(path, text)
    await expect(writeFirstLoad(path, [])).rejects.toMatchObject({ code: 'not_dynsec' })
    expect(await readFile(path, 'utf8')).toBe(text)
  },
)

it('allows paths below the folders of the operator only, after all links are followed', async () => {
  await symlink('/etc', join(folder, 'link'))
  expect(await isAllowed(join(folder, 'new.pem'), [folder])).toBe(true)
  expect(await isAllowed(folder, [folder])).toBe(true)
  expect(await isAllowed(join(folder, 'new.pem'), [])).toBe(false)
  expect(await isAllowed(`${folder}-other/new.pem`, [folder])).toBe(false)
  expect(await isAllowed(join(folder, '..', 'new.pem'), [folder])).toBe(false)
  expect(await isAllowed(join(folder, 'link', 'passwd'), [folder])).toBe(false)
  expect(await isAllowed(join(folder, 'link', 'new.pem'), [folder])).toBe(false)
})
