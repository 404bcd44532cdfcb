/** Runs the server with its most verbose log. No secret is in a response, an event, the log or the database file. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { everyRoute } from '@gatehouse/contract/api'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { pathOf } from '@gatehouse/contract/route'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, makeBrowser, refused } from '../../../test/app.ts'
import { fromBase32, makePhone, signIn } from '../../../test/authenticator.ts'
import { type StartedHere, startHere } from '../../../test/start-here.ts'
import { canonical } from './backup-codes.ts'

const clock = {
  now: () => new Date(),
  advance: () => {
    throw new Error('The clock of this server cannot be moved')
  },
}

let dataDir: string
let server: StartedHere
let secrets: Record<string, string>
let codes: string[]
let browser: Browser
let userId: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-secrets-'))
  server = await startHere(dataDir)
  const app = { browser: () => makeBrowser(() => server.url) }
  browser = await signIn(app, 'admin')
  const cookies = [browser.cookie()]
  const phone = makePhone(clock, await browser.call(mfa.enrol, {}))
  codes = [phone.code(-1), phone.code(), phone.code(1), phone.wrong()]
  const [enrolling = '', current = '', next = '', wrong = ''] = codes
  const { backupCodes } = await browser.call(mfa.verify, { body: { code: enrolling } })
  cookies.push(browser.cookie())
  const other = await signIn(app, 'admin')
  cookies.push(other.cookie())
  await refused(other.call(session.secondFactor, { body: { code: wrong } }), 'wrong_code')
  const answer = await other.call(session.secondFactor, { body: { backupCode: backupCodes[0] ?? '' } })
  userId = answer.user?.id ?? ''
  await browser.call(session.prove, { body: { code: current } })
  const body = { username: 'admin', password: goodPassword, code: next }
  const { token } = await app.browser().call(session.login, { body })
  cookies.push(other.cookie())
  secrets = {
    'the password': goodPassword,
    'the secret of the factor': phone.secret,
    'the secret key': (await readFile(join(dataDir, 'secret.key'), 'utf8')).trim(),
    'the token': token,
    ...Object.fromEntries(cookies.map((cookie, n) => [`cookie ${n}`, cookie?.split('=')[1] ?? ''])),
    ...Object.fromEntries(backupCodes.map((code, n) => [`backup code ${n}`, code])),
    ...Object.fromEntries(backupCodes.map((code, n) => [`backup code ${n}, bare`, canonical(code)])),
  }
})
afterAll(async () => {
  await server.stop()
  await rm(dataDir, { recursive: true })
})

/** Names of the secrets that are in it. Not the codes: six digits are by chance in any long row of them. */
const foundIn = (content: string | Buffer) =>
  Object.entries(secrets)
    .filter(([, secret]) => content.includes(secret))
    .map(([name]) => name)

describe('the secrets', () => {
  it('exist in this installation', () => {
    for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThan(12)
    expect(new Set(Object.values(secrets)).size).toBe(Object.keys(secrets).length)
    expect(foundIn(`${secrets['the token']} ${secrets['cookie 1']}`)).toEqual(['the token', 'cookie 1'])
  })

  it('are in no response after the one that showed them', async () => {
    let asked = 0
    for (const route of everyRoute.filter(({ method }) => method === 'GET')) {
      const path = pathOf(route, { id: userId, fingerprint: '0'.repeat(64), connectionId: userId })
      const response = await browser.fetch(server.url + path)
      const text = await response.text()
      expect({ [route.id]: foundIn(text) }).toEqual({ [route.id]: [] })
      for (const code of codes) expect(text).not.toContain(`"${code}"`)
      if (response.ok) asked += 1
    }
    expect(asked).toBeGreaterThan(15)
  })

  it('are not in the log, codes included', () => {
    const printed = server.printed()
    expect(printed).toContain('"code":"wrong_code"')
    expect(foundIn(printed)).toEqual([])
    for (const code of codes) expect(printed).not.toMatch(new RegExp(`\\b${code}\\b`))
  })

  it('are not in the database, neither in rows nor in bytes', async () => {
    const names = (await readdir(dataDir)).filter((name) => name.startsWith('gatehouse.db'))
    expect(names).toContain('gatehouse.db-wal')
    const bytes = Buffer.concat(await Promise.all(names.map((name) => readFile(join(dataDir, name)))))
    expect(bytes.includes('argon2id')).toBe(true)
    expect(foundIn(bytes)).toEqual([])
    expect(bytes.includes(fromBase32(secrets['the secret of the factor'] ?? ''))).toBe(false)
    expect(bytes.includes(Buffer.from(secrets['the secret key'] ?? '', 'base64'))).toBe(false)
    for (const code of codes) expect(bytes.includes(`"${code}"`)).toBe(false)
  })
})
