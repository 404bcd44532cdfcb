/** `npm run admin -- import-mosquitto`, beside a running server. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { hashLine } from '../../../test/mosquitto-hashes.ts'
import { connectClient } from '../../../test/mqtt-client.ts'
import { runCommand } from '../../admin-program.ts'

let app: TestApp
let folder: string
beforeAll(async () => {
  app = await startApp()
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-mosquitto-'))
  await mkdir(join(folder, 'etc', 'certs'), { recursive: true })
})
afterAll(async () => {
  await app.stop()
  await rm(folder, { recursive: true })
})

const write = (path: string, text: string) => writeFile(join(folder, 'etc', path), text)
const run = (...args: string[]) => runCommand(['import-mosquitto', ...args], app.env)

async function connect(username: string, password: string): Promise<number | null> {
  const port = Number(new URL(app.started.mqttUrl ?? '').port)
  const client = await connectClient(port, { connect: { username, password: Buffer.from(password) } })
  const code = await client.connack()
  client.socket.destroy()
  return code
}

it('shows the plan with --dry-run, imports it, and the running broker admits the users', async () => {
  const ca = makeAuthority({ subject: 'Folder CA' })
  await write(
    'mosquitto.conf',
    'listener 1883\npassword_file /etc/mosquitto/passwd\nacl_file /etc/mosquitto/acl\ncapath /etc/mosquitto/certs\n',
  )
  await write('passwd', `${hashLine('press-01', 'old one')}\nplain:secret\n`)
  await write('acl', 'user press-01\ntopic read line-3/#\npattern read c/%c\n')
  await write('certs/ca.pem', ca.certificatePem)
  await write('certs/junk', 'junk')
  await write('certs/ca.key', ca.privateKeyPem)
  await writeFile(join(folder, 'elsewhere.pem'), makeAuthority({ subject: 'Elsewhere' }).certificatePem)
  await symlink('ca.pem', join(folder, 'etc', 'certs', '12345678.0'))
  await symlink('../../elsewhere.pem', join(folder, 'etc', 'certs', '87654321.0'))

  const dry = await run(join(folder, 'etc'), '--dry-run')
  expect(dry).toMatchObject({ code: 0, err: '' })
  expect(dry.out.split('\n').filter((line) => line !== '')).toEqual([
    'Users: 1, 1 with a password. 0 exist already and stay as they are.',
    'CA certificate CN=Folder CA (certs/ca.pem)',
    'LOST    acl:3: client_id_in_topic: pattern read c/%c [press-01]',
    'LOST    passwd:2: not_hashed: plain [plain]',
    'CHANGED acl: subscriptions_are_checked',
    'NOTE    certs/87654321.0: link_not_followed',
    'NOTE    certs/ca.key: private_key_left_out',
    'NOTE    certs/junk: file_not_recognised',
    'Nothing was imported: this was a dry run.',
  ])
  const admin = await app.as('admin')
  expect((await admin(users.list, { search: { search: 'press-01' } })).items).toEqual([])

  const done = await run(join(folder, 'etc'))
  expect(done.out).toContain('Imported 1 users, 0 roles, 1 CA certificates and 0 CRLs.')
  expect(await connect('press-01', 'old one')).toBe(0)
  expect(await connect('press-01', 'another')).toBe(4)
  const events = await admin(audit.list, { search: { 'action[eq]': 'mosquitto.imported' } })
  expect(events.items).toMatchObject([{ actor: null, via: 'machine', after: { users: 1, authorities: 1, lost: 2 } }])
})

it('allows a topic as a whole where a part of it is denied, if the flag says so', async () => {
  await write('acl', 'user press-02\ntopic deny line-4/secret\ntopic read line-4/#\n')
  await write('passwd', `${hashLine('press-02', 'old one')}\n`)
  const withheld = await run(join(folder, 'etc'), '--dry-run')
  expect(withheld.out).toContain('deny_under_allow')
  expect(withheld.out).not.toContain('line-4/#: 1')
  const allowed = await run('--allow-denied', join(folder, 'etc'), '--dry-run')
  expect(allowed.out).toContain('deny_ignored')
  expect(allowed.out).not.toContain('deny_under_allow')
  expect((await run(join(folder, 'etc'), '--allow-denied')).out).toContain('Imported 1 users')
  const admin = await app.as('admin')
  const [user] = (await admin(users.list, { search: { search: 'press-02' } })).items
  expect(user?.permissions).toMatchObject([{ resource: 'line-4/#' }])
  expect(await admin(users.view, { params: { id: user?.id ?? '' } })).toMatchObject({ isPasswordImported: true })
})

it('refuses a folder that is not there, and one with nothing to import', async () => {
  expect(await run(join(folder, 'missing'))).toMatchObject({ code: 1, err: expect.stringContaining('cannot be read') })
  expect(await run(join(folder, 'etc'))).toMatchObject({ code: 1, err: expect.stringContaining('nothing to import') })
})
