/** Backup codes: ten, each works once, only for its owner, in any spelling. */

import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin, makeEnrolled, signIn } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { canonical, newBackupCodes } from './backup-codes.ts'

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

const use = ({ call }: Browser, backupCode: string) => call(session.secondFactor, { body: { backupCode } })
const stageOf = async ({ call }: Browser) => (await call(session.view, {})).stage
const leftOf = async ({ call }: Browser) => (await call(mfa.view, {})).backupCodesLeft
const first = ([code = '']: readonly string[]) => code

async function eventsOf(id: string) {
  const { items } = await (await freshAdmin(app))(audit.list, { search: { 'target[eq]': id } })
  return items
}

describe('a backup code', () => {
  it('signs in once, the answer says how many are left, and the use is recorded', async () => {
    const { id, username, backupCodes } = await makeEnrolled(app, 'ada')
    const [code = '', other = ''] = backupCodes
    const browser = await signIn(app, username)
    const half = browser.cookie()
    expect(await use(browser, code)).toMatchObject({ stage: 'full', backupCodesLeft: 9 })
    expect(browser.cookie()).not.toBe(half)
    expect(await leftOf(browser)).toBe(9)
    expect(await eventsOf(id)).toMatchObject([
      {
        action: 'session.signed-in',
        actor: { username: 'ada' },
        via: 'sign-in',
        after: { secondFactor: 'backup code' },
      },
      { action: 'backup-code.used', actor: { username: 'ada' }, via: 'sign-in', after: { left: 9 } },
      { action: 'mfa.enabled' },
      { action: 'user.created' },
    ])

    const again = await signIn(app, username)
    expect((await refused(use(again, code), 'wrong_code')).fields).toEqual({ backupCode: 'wrong_code' })
    expect(await stageOf(again)).toBe('mfa-required')
    expect(await use(again, other)).toMatchObject({ backupCodesLeft: 8 })
  })

  it('works in lower case, with spaces, without hyphens, with O for 0 and l for 1', async () => {
    const { username, backupCodes } = await makeEnrolled(app, 'typist')
    const typings = [
      (code: string) => code.toLowerCase(),
      (code: string) => code.replaceAll('-', ''),
      (code: string) => `  ${code.replaceAll('-', ' ')}  `,
      (code: string) => code.replaceAll('0', 'O').replaceAll('1', 'I'),
      (code: string) => code.replaceAll('0', 'o').replaceAll('1', 'l'),
      (code: string) => code.split('').join(' '),
    ]
    for (const [n, type] of typings.entries()) {
      const browser = await signIn(app, username)
      expect(await use(browser, type(backupCodes[n] ?? ''))).toMatchObject({ backupCodesLeft: 9 - n })
    }
    const browser = await signIn(app, username)
    await refused(use(browser, (backupCodes[0] ?? '').toLowerCase()), 'wrong_code')
    expect(await stageOf(browser)).toBe('mfa-required')
  })

  it('of another user is refused, and still works for its owner', async () => {
    const [owner, other] = [await makeEnrolled(app, 'owner'), await makeEnrolled(app, 'other')]
    const thief = await signIn(app, other.username)
    await refused(use(thief, first(owner.backupCodes)), 'wrong_code')
    expect(await stageOf(thief)).toBe('mfa-required')
    expect(await leftOf(owner.browser)).toBe(10)
    expect(await use(await signIn(app, owner.username), first(owner.backupCodes))).toMatchObject({ stage: 'full' })
  })

  it('is stored only as a keyed hash', async () => {
    const { backupCodes } = await makeEnrolled(app, 'hashed')
    const everything = await door.everything()
    for (const code of backupCodes) {
      expect(everything).not.toContain(code)
      expect(everything).not.toContain(canonical(code))
    }
  })

  it('has 65 bits, and the ten of a set differ', () => {
    const codes = Array.from({ length: 50 }, newBackupCodes).flat()
    expect(new Set(codes).size).toBe(500)
    const characters = new Set(codes.flatMap((code) => Array.from(canonical(code))))
    expect([...characters].toSorted().join('')).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ')
    for (const code of codes) expect(canonical(code)).toHaveLength(13)
  })
})

describe('new backup codes', () => {
  it('are made for a fresh code, and the old ones stop working at once', async () => {
    const { id, username, browser, phone, backupCodes: old } = await makeEnrolled(app, 'regenerator')
    await use(await signIn(app, username), first(old))
    const { backupCodes } = await browser.call(mfa.regenerate, { body: { code: phone.next() } })
    expect(backupCodes).toHaveLength(10)
    expect(await leftOf(browser)).toBe(10)
    const late = await signIn(app, username)
    await refused(use(late, old[1] ?? ''), 'wrong_code')
    expect(await stageOf(late)).toBe('mfa-required')
    expect(await use(late, first(backupCodes))).toMatchObject({ backupCodesLeft: 9 })
    expect((await eventsOf(id)).map(({ action }) => action)).toContain('backup-codes.regenerated')
  })

  it('are refused for a wrong code, a used code, a backup code or no code', async () => {
    const { browser, phone, backupCodes } = await makeEnrolled(app, 'unlucky')
    const regenerate = (body: object) => browser.call(mfa.regenerate, { body: body as { code: string } })
    await refused(regenerate({ code: phone.wrong() }), 'wrong_code')
    await refused(regenerate({ code: phone.code() }), 'wrong_code')
    await refused(regenerate({ backupCode: first(backupCodes) }), 'invalid')
    await refused(regenerate({}), 'invalid')
    expect(await leftOf(browser)).toBe(10)
    expect(await use(await signIn(app, 'unlucky'), first(backupCodes))).toMatchObject({ backupCodesLeft: 9 })
  })

  it('are refused without a second factor', async () => {
    const admin = await freshAdmin(app)
    await refused(admin(mfa.regenerate, { body: { code: '123456' } }), 'mfa_not_enabled')
    expect(await admin(mfa.view, {})).toMatchObject({ enabled: false, backupCodesLeft: 0 })
  })
})

describe('turning the own factor off', () => {
  it.each(['code', 'backupCode'] as const)('takes a fresh %s, and then the password is enough', async (which) => {
    const { id, username, browser, phone, backupCodes } = await makeEnrolled(app, `off-by-${which}`)
    const proof = which === 'code' ? { code: phone.next() } : { backupCode: first(backupCodes) }
    await browser.call(mfa.disable, { body: proof })
    expect(await browser.call(mfa.view, {})).toMatchObject({ enabled: false, enrolledAt: null, backupCodesLeft: 0 })
    expect(await stageOf(await signIn(app, username))).toBe('full')
    const [last, before] = await eventsOf(id)
    expect(last).toMatchObject({ action: 'mfa.disabled', actor: { username }, via: 'session' })
    expect(before?.action).toBe(which === 'code' ? 'mfa.enabled' : 'backup-code.used')
    for (const table of ['authenticators', 'enrolments']) {
      expect(await door.value(`select count(*) from ${table} where user_id = ?`, id)).toBe(0)
    }
  })

  it('rejects and records a wrong code, a used code and a recent proof without a code', async () => {
    const { id, username, browser, phone } = await makeEnrolled(app, 'kept-on')
    const used = phone.code()
    await refused(browser.call(mfa.disable, { body: { code: used } }), 'wrong_code')
    await refused(browser.call(mfa.disable, { body: { backupCode: '0000-0000-00000' } }), 'wrong_code')
    await refused(browser.call(mfa.disable, { body: {} as { code: string } }), 'invalid')
    expect(await browser.call(mfa.view, {})).toMatchObject({ enabled: true, backupCodesLeft: 10 })
    expect(await stageOf(await signIn(app, username))).toBe('mfa-required')
    const [latest, earlier] = (await eventsOf(id)).filter(({ action }) => action.startsWith('session'))
    for (const event of [latest, earlier]) {
      expect(event).toMatchObject({ action: 'session.refused', actor: { username }, reason: 'wrong_code' })
    }
  })
})
