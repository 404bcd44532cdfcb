/** The commands of `npm run admin` beside a running server; one of them in a process of its own. */

import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { audit } from '@gatehouse/contract/operations/audit'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../src/admin-program.ts'
import { runAdmin } from './admin-process.ts'
import { goodPassword, refused, startApp, type TestApp } from './app.ts'
import { enrol, freshAdmin, makeEnrolled, makeUser, signIn } from './authenticator.ts'
import { type BackDoor, openBackDoor } from './back-door.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

const run = (args: string[], data = app.env) => runCommand(args, data)

/** The clock of the test's server may be ahead, so the events may not be in order. */
async function resetsOf(id: string) {
  const search = { 'target[eq]': id, 'action[eq]': 'mfa.reset' } as const
  return (await (await freshAdmin(app))(audit.list, { search })).items
}

describe('reset-mfa', () => {
  it('turns the factor off, ends the sessions, records it, and tells the user at the next sign-in', async () => {
    const { id, username, browser } = await makeEnrolled(app, 'lost')
    expect(await run(['reset-mfa', username])).toMatchObject({ code: 0, err: '' })
    await refused(browser.call(session.view, {}), 'not_signed_in')
    expect(await resetsOf(id)).toMatchObject([
      { actor: null, via: 'machine', address: null, target: { name: username } },
    ])
    const next = app.browser()
    const answer = await next.call(session.signIn, { body: { username, password: goodPassword } })
    expect(answer).toMatchObject({ stage: 'full', notice: 'mfa-reset' })
    await enrol(app, next)
  })

  it('lets the last administrator sign in and asks for a new enrolment where the policy demands one', async () => {
    await enrol(app, await signIn(app, 'admin'))
    expect(await (await signIn(app, 'admin')).call(session.view, {})).toEqual({ stage: 'mfa-required' })
    await door.setFacts('admin', { mfa_required_at: app.now().toISOString() })
    expect(await run(['reset-mfa', 'admin'])).toMatchObject({ code: 0 })
    const { call } = await signIn(app, 'admin')
    expect(await call(session.view, {})).toMatchObject({ stage: 'mfa-enrolment-required' })
    await door.run("update users set mfa_required_at = null where username = 'admin'")
  })

  it('refuses a user without a second factor', async () => {
    await makeUser(app, 'plain')
    const before = await door.everything()
    expect(await run(['reset-mfa', 'plain'])).toEqual({ code: 1, out: '', err: 'plain has no second factor.\n' })
    expect(await door.everything()).toBe(before)
  })
})

describe('reset-password', () => {
  it('prints a one-time password, and invalidates the old password and the sessions', async () => {
    const { id } = await makeUser(app, 'forgetful')
    const browser = await signIn(app, 'forgetful')
    const device = await connectAsync(app.started.mqttUrl ?? '', {
      username: 'forgetful',
      password: goodPassword,
      reconnectPeriod: 0,
    })
    const closed = new Promise((resolve) => {
      device.once('close', () => resolve('closed'))
    })
    const { code, out, err } = await run(['reset-password', 'forgetful'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const password = /: (\w{5}(-\w{5}){3})\n/.exec(out)?.[1] ?? ''
    expect(await closed).toBe('closed')
    await refused(browser.call(session.view, {}), 'not_signed_in')
    await refused(signIn(app, 'forgetful'), 'wrong_credentials')
    const { call } = await signIn(app, 'forgetful', password)
    expect(await call(session.view, {})).toMatchObject({ stage: 'password-change-required' })
    await call(session.changePassword, { body: { currentPassword: password, newPassword: 'quite another password' } })

    const search = { 'target[eq]': id, 'action[eq]': 'password.set' } as const
    const { items } = await (await freshAdmin(app))(audit.list, { search })
    expect(items).toMatchObject([{ actor: null, via: 'machine', after: { mustChange: true } }])
    expect(await door.everything()).not.toContain(password)
  })

  it('does not change the second factor', async () => {
    const { username, phone } = await makeEnrolled(app, 'two-things')
    const { out } = await run(['reset-password', username])
    const { call } = await signIn(app, username, /: (\S+)\n/.exec(out)?.[1])
    expect(await call(session.view, {})).toEqual({ stage: 'mfa-required' })
    const { stage } = await call(session.secondFactor, { body: { code: phone.next() } })
    expect(stage).toBe('password-change-required')
  })

  it('refuses a user without the password grant', async () => {
    await makeUser(app, 'machine-7', { password: undefined, grantTypes: [{ method: 'certificate' }] })
    const before = await door.everything()
    const { code, err } = await run(['reset-password', 'machine-7'])
    expect({ code, err }).toEqual({ code: 1, err: 'machine-7 may not sign in with a password.\n' })
    expect(await door.everything()).toBe(before)
  })
})

const countsAndEvents = async () => [
  await door.rows('select * from attempts'),
  await door.rows('select id from audit_events'),
]

describe('unlock', () => {
  it('ends the waiting time after wrong passwords and wrong codes', async () => {
    const { id, username, phone } = await makeEnrolled(app, 'locked')
    const { call } = await signIn(app, username)
    const prove = (code: string) => call(session.secondFactor, { body: { code } })
    for (let n = 0; n < 5; n++) {
      await refused(prove(phone.wrong()), 'wrong_code')
      await refused(signIn(app, username, 'wrong'), 'wrong_credentials')
    }
    await refused(signIn(app, username), 'throttled')
    await refused(prove(phone.next()), 'throttled')
    expect(await run(['unlock', username])).toMatchObject({ code: 0, err: '' })
    await signIn(app, username)
    await prove(phone.code())
    const { items } = await (await freshAdmin(app))(audit.list, { search: { 'action[eq]': 'user.unlocked' } })
    expect(items).toMatchObject([{ via: 'machine', target: { id } }])
  })

  it('empties every count of the user, in the console, over MQTT and of codes', async () => {
    const { username } = await makeUser(app, 'everywhere')
    const browser = await signIn(app, username)
    const prove = () => browser.call(session.prove, { body: { password: 'wrong' } })
    for (let n = 0; n < 5; n++) await refused(prove(), 'wrong_password')
    await refused(signIn(app, username), 'throttled')
    const connect = (password: string) =>
      connectAsync(app.started.mqttUrl ?? '', { username, password, reconnectPeriod: 0, connectTimeout: 5_000 })
    for (let n = 0; n < 5; n++) await expect(connect('wrong')).rejects.toThrow('Connection refused')
    await expect(connect(goodPassword)).rejects.toThrow('Connection refused')
    await refused(browser.call(session.prove, { body: { password: goodPassword } }), 'throttled')
    const name = createHash('sha256').update(username).digest('base64url')
    const count = () => door.value('select count(*) from attempts where pool like ?', `%|user|${name}%`)
    expect(await count()).toBeGreaterThan(3)

    expect(await run(['unlock', username])).toMatchObject({ code: 0, err: '' })
    expect(await count()).toBe(0)
    await signIn(app, username)
    await (await connect(goodPassword)).endAsync()
  })

  it('names an address that is closed for everybody, and opens it with --address', async () => {
    await makeUser(app, 'behind')
    await refused(app.anyone(session.signIn, { body: { username: 'invented', password: 'x' } }), 'wrong_credentials')
    await door.run("update attempts set failures = 99 where pool = 'password|address|127.0.0.1'")
    await refused(app.anyone(session.signIn, { body: { username: 'invented', password: 'x' } }), 'wrong_credentials')
    await refused(signIn(app, 'behind'), 'throttled')
    const { out } = await run(['unlock', 'behind'])
    expect(out).toContain('unlock --address: 127.0.0.1')
    await refused(signIn(app, 'behind'), 'throttled')

    expect(await run(['unlock', '--address', '::ffff:127.0.0.1'])).toMatchObject({ code: 0, err: '' })
    await signIn(app, 'behind')
    const { items } = await (await freshAdmin(app))(audit.list, { search: { 'action[eq]': 'address.unlocked' } })
    expect(items).toMatchObject([{ via: 'machine', target: { type: 'address', id: '127.0.0.1' } }])
  })

  it('refuses what is no address', async () => {
    const before = await countsAndEvents()
    expect(await run(['unlock', '--address', 'somewhere'])).toEqual({
      code: 1,
      out: '',
      err: 'somewhere is not an address.\n',
    })
    expect(await countsAndEvents()).toEqual(before)
  })
})

describe('forget-secret-key', () => {
  it('turns every factor off, so that a new key can be made', async () => {
    const [one, other] = [await makeEnrolled(app, 'one'), await makeEnrolled(app, 'other')]
    await makeUser(app, 'half-way')
    await (await signIn(app, 'half-way')).call(mfa.enrol, {})
    const admin = await app.as('admin')
    const upstream = {
      name: 'secured',
      origin: 'http://127.0.0.1:9',
      authentication: 'bearer' as const,
      secret: 'token',
    }
    const secured = await admin(upstreams.create, { body: upstream })
    const hall = { name: 'hall', kind: 'mosquitto' as const, host: '127.0.0.1', port: 9, tls: false }
    const { certificatePem: certificate, privateKeyPem: key } = issue(makeAuthority(), { subject: 'own' })
    const own = { name: 'own', address: '127.0.0.1', port: 0, serverCertificate: { certificate, key } }
    await admin(listeners.create, { body: own })
    await admin(brokers.create, { body: { ...hall, username: 'console', password: 'sesame' } })
    await app.started.stop()
    await rm(join(app.dataDir, 'secret.key'))
    await expect(app.restart()).rejects.toThrow('secret.key is missing')
    expect(await run(['forget-secret-key'])).toMatchObject({ code: 0, err: '' })
    await app.restart()
    for (const { id, username } of [one, other]) {
      expect(await resetsOf(id)).toMatchObject([{ actor: null, via: 'machine' }])
      const browser = await signIn(app, username)
      expect(await browser.call(session.view, {})).toMatchObject({ stage: 'full', notice: 'mfa-reset' })
      await enrol(app, browser)
    }
    const again = await app.as('admin')
    expect(await again(upstreams.view, { params: { id: secured.id } })).toMatchObject({ hasSecret: false })
    expect((await again(brokers.list, {})).items.map(({ name }) => name)).toContain('hall')
    expect(await door.value('select count(*) from enrolments')).toBe(0)
    expect(await door.value("select count(*) from authenticators where kind = 'totp'")).toBe(2)
  })
})

describe('whatever is asked', () => {
  it.each([
    ['unlock', 'nobody-knows'],
    ['reset-mfa', 'ADMIN'],
    ['reset-password', 'nobody-knows'],
  ])('%s refuses an unknown user politely, and changes nothing', async (command, name) => {
    const before = await door.everything()
    expect(await run([command, name])).toEqual({ code: 1, out: '', err: `There is no user ${name}.\n` })
    expect(await door.everything()).toBe(before)
  })

  it.each([[['unlock']], [['reset-mfa', 'admin', 'more']], [['toString', 'admin']]])(
    'what there is, is said where it does not understand: %j',
    async (args) => {
      const before = await door.everything()
      const { code, out, err } = await run(args)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      for (const command of ['unlock', 'reset-mfa', 'reset-password', 'forget-secret-key']) {
        expect(err).toContain(`npm run admin -- ${command}`)
      }
      expect(await door.everything()).toBe(before)
    },
  )

  it.each([
    ['reset-mfa', 'nobody-knows', 1],
    ['toString', 'admin', 2],
  ])('the process prints the same for %s %s, and ends with code %d', async (command, name, code) => {
    const ended = await runAdmin([command, name], app.env)
    expect(ended).toEqual(await run([command, name]))
    expect(ended.code).toBe(code)
  })

  it('does not create a database', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'gatehouse-admin-'))
    const { code, err } = await run(['unlock', 'admin'], { GATEHOUSE_DATA_DIR: empty })
    expect(code).toBe(1)
    expect(err).toMatch(/^There is no database in \S+; GATEHOUSE_DATA_DIR says where it is\.\n$/)
    expect(await readdir(empty)).toEqual([])
    await rm(empty, { recursive: true })
  })
})
