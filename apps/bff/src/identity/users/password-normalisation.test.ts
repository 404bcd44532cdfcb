/** Unicode has several encodings of one character. A password is right in each (NIST SP 800-63B-4 §3.1.1.2, RFC 8265 §4.2.2). */
import { session } from '@gatehouse/contract/identity/sign-in'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { hash } from '@node-rs/argon2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { connectClient } from '../../../test/mqtt-client.ts'

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

const password = 'Große-Mühle-ächt-77'
const composed = password.normalize('NFC')
const decomposed = password.normalize('NFD')
const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]

async function makeUser(username: string, given = composed) {
  const admin = await app.as('admin')
  return admin(users.create, { body: { username, password: given, mustChangePassword: false, grantTypes } })
}

/** As a version before normalisation stored it. */
async function storeRaw(username: string, raw: string): Promise<string> {
  const stored = await hash(raw, { memoryCost: 47_104, timeCost: 1, parallelism: 1 })
  await door.run('update users set password_hash = ? where username = ?', stored, username)
  return stored
}

const storedHash = (username: string) =>
  door.value<string>('select password_hash from users where username = ?', username)

const signIn = (username: string, typed: string) => app.anyone(session.signIn, { body: { username, password: typed } })

/** The return code of the CONNACK. */
async function connect(username: string, typed: string): Promise<number | null> {
  const port = Number(new URL(app.started.mqttUrl ?? '').port)
  const client = await connectClient(port, { connect: { username, password: Buffer.from(typed) } })
  const code = await client.connack()
  client.socket.destroy()
  return code
}

describe('a password that was set in one form', () => {
  it.each([
    ['composed', composed],
    ['decomposed', decomposed],
  ])('is right in both forms when set %s', async (form, given) => {
    const username = `set-${form}`
    await makeUser(username, given)
    for (const typed of [composed, decomposed]) {
      expect(await signIn(username, typed)).toMatchObject({ stage: 'full' })
      await app.anyone(session.login, { body: { username, password: typed } })
      expect(await connect(username, typed)).toBe(0)
      const browser = app.browser()
      await browser.call(session.signIn, { body: { username, password: typed } })
      await browser.call(session.prove, { body: { password: typed } })
    }
    await refused(signIn(username, password.replace('ü', 'u')), 'wrong_credentials')
  })

  it('is right in the other form too, after a change, a reset and an import', async () => {
    const { id } = await makeUser('changing', goodPassword)
    const browser = app.browser()
    await browser.call(session.signIn, { body: { username: 'changing', password: goodPassword } })
    await browser.call(session.changePassword, { body: { currentPassword: goodPassword, newPassword: decomposed } })
    expect(await signIn('changing', composed)).toMatchObject({ stage: 'full' })
    const again = { currentPassword: composed, newPassword: decomposed }
    const problem = await refused(browser.call(session.changePassword, { body: again }), 'password_refused')
    expect(problem.fields).toEqual({ newPassword: 'password_same' })

    const admin = await app.as('admin')
    const other = `${decomposed} and more`
    await admin(users.setPassword, { params: { id }, body: { newPassword: other, mustChange: false } })
    expect(await signIn('changing', other.normalize('NFC'))).toMatchObject({ stage: 'full' })

    await admin(userTransfer.batch, {
      body: { users: [{ username: 'imported', password: decomposed, mustChangePassword: false, grantTypes }] },
    })
    expect(await signIn('imported', composed)).toMatchObject({ stage: 'full' })
  })
})

it('the rules count code points after normalisation', async () => {
  const admin = await app.as('admin')
  const short = 'éèàùâêîô'.normalize('NFD')
  expect(short).toHaveLength(16)
  const body = { username: 'short', password: short, grantTypes }
  const problem = await refused(admin(users.create, { body }), 'password_refused')
  expect(problem.fields).toEqual({ password: 'password_too_short' })
})

describe('a hash from before normalisation', () => {
  it('is right as it was typed then, and in both forms after a sign-in', async () => {
    await makeUser('old-console')
    const raw = await storeRaw('old-console', decomposed)
    await refused(signIn('old-console', composed), 'wrong_credentials')
    expect(await storedHash('old-console')).toBe(raw)
    expect(await signIn('old-console', decomposed)).toMatchObject({ stage: 'full' })
    expect(await storedHash('old-console')).not.toBe(raw)
    for (const typed of [composed, decomposed]) await signIn('old-console', typed)
  })

  it('is replaced when an MQTT client connects with it', async () => {
    await makeUser('old-machine')
    const raw = await storeRaw('old-machine', decomposed)
    expect(await connect('old-machine', decomposed)).toBe(0)
    expect(await storedHash('old-machine')).not.toBe(raw)
    expect(await connect('old-machine', composed)).toBe(0)
  })

  it('is replaced at step-up and at a token for a script', async () => {
    for (const username of ['old-step-up', 'old-script']) await makeUser(username)
    const browser = app.browser()
    await browser.call(session.signIn, { body: { username: 'old-step-up', password: composed } })
    const raws = [await storeRaw('old-step-up', decomposed), await storeRaw('old-script', decomposed)]
    await browser.call(session.prove, { body: { password: decomposed } })
    await app.anyone(session.login, { body: { username: 'old-script', password: decomposed } })
    expect(raws).not.toContain(await storedHash('old-step-up'))
    expect(raws).not.toContain(await storedHash('old-script'))
  })

  it('stays after a wrong password, and if the password needs no normalisation', async () => {
    await makeUser('old-kept')
    const raw = await storeRaw('old-kept', composed)
    await refused(signIn('old-kept', `${decomposed}!`), 'wrong_credentials')
    expect(await signIn('old-kept', composed)).toMatchObject({ stage: 'full' })
    expect(await signIn('old-kept', decomposed)).toMatchObject({ stage: 'full' })
    expect(await storedHash('old-kept')).toBe(raw)
  })
})
