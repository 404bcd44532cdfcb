/** The own second factor: turn it on with an authenticator app, sign in with codes and backup codes, turn it off. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { type Credentials, expectDone, expectRefusal, openPage, signIn, signOut } from '../support/actions.ts'
import { browserCall, enter, makePerson } from '../support/api.ts'
import { enrol, openAuthenticator } from '../support/authenticator.ts'
import { expect, test } from '../support/fixtures.ts'
import { succeed } from '../support/outside.ts'
import {
  beginEnrolment,
  confirmSaved,
  enterPassword,
  expectWrongCode,
  pasteCode,
  readBackupCodes,
  typeCode,
  useBackupCode,
} from '../support/second-factor.ts'
import { letMinutesPass } from '../support/time.ts'

const address = '/account/mfa'
const heading = 'Multi-factor authentication'
const disable = 'Disable multi-factor authentication'
const state = (page: Page) => page.getByRole('main')

test('enables it with a code, signs in with the next one, and accepts no code twice', async ({
  page,
  gatehouse,
  call,
}) => {
  const ada = { username: 'ada', password: 'only for this story' }
  await makePerson(call, ada)
  await signIn(page, ada)
  await page.getByRole('button', { name: 'Account of ada' }).click()
  await page.getByRole('menuitem', { name: heading }).click()
  const { secret } = await beginEnrolment(page)
  await expectAccessible(page)
  const app = openAuthenticator(secret)

  await test.step('a wrong code enables nothing', async () => {
    await typeCode(page, await app.wrongCode())
    await expectWrongCode(page)
    expect(await browserCall(page)(mfa.view, {})).toMatchObject({ enabled: false, backupCodesLeft: 0 })
  })

  await test.step('the right code enables it; the backup codes stay until they are saved', async () => {
    await typeCode(page, await app.code())
    const codes = await readBackupCodes(page)
    expect(new Set(codes).size).toBe(10)
    const dialog = page.getByRole('dialog', { name: 'Save your backup codes' })
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await expect(dialog.getByRole('button', { name: 'Done' })).toBeDisabled()
    const download = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Download' }).click()
    expect((await download).suggestedFilename()).toBe('gatehouse-backup-codes-ada.txt')
    const saved = await readFile(await (await download).path(), 'utf8')
    expect(saved.split('\n').filter((line) => codes.includes(line))).toEqual(codes)
    await confirmSaved(page)
    await expect(state(page)).toContainText('10 backup codes are left.')
  })

  const code = await app.code(1)
  await test.step('the password alone is not enough any more; the next code is accepted', async () => {
    await signOut(page, ada)
    await page.goto(address)
    await enterPassword(page, ada)
    await expectRefusal(browserCall(page)(mfa.view, {}), 'stage_not_allowed')
    await expectRefusal(browserCall(page)(mfa.enrol, {}), 'stage_not_allowed')
    const edge = await page.getByLabel('Digit 1 of 6').boundingBox()
    const words = await page.getByText('Use a backup code').boundingBox()
    expect(Math.round(words?.x ?? 0)).toBe(Math.round(edge?.x ?? -1))
    await expectAccessible(page)
    await typeCode(page, code)
    await expect(page.getByRole('heading', { name: heading })).toBeVisible()
  })

  await test.step('the same code is refused again; a later one, pasted, is accepted', async () => {
    await signOut(page, ada)
    await enterPassword(page, ada)
    await typeCode(page, code)
    await expectWrongCode(page)
    letMinutesPass(gatehouse, ada.username, 1)
    await pasteCode(page, await app.code())
    await expect(page.getByRole('button', { name: 'Account of ada' })).toBeVisible()
  })
})

test('the QR code contains the shown text', async ({ page, call, folder }) => {
  const bea = { username: 'bea@line-3', password: 'only for this story' }
  await makePerson(call, bea)
  await enter(page, bea)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await openPage(page, address, heading)
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
    const { dialog, secret } = await beginEnrolment(page)
    const picture = join(folder, `${colorScheme}.png`)
    await dialog.getByRole('img', { name: 'QR code' }).screenshot({ path: picture })
    const scanned = new URL((await succeed('zbarimg', ['--quiet', '--raw', picture])).trim())
    expect(`${scanned.protocol}//${scanned.host}`).toBe('otpauth://totp')
    expect(decodeURIComponent(scanned.pathname)).toBe('/Gatehouse:bea@line-3')
    expect(scanned.searchParams.get('secret')).toBe(secret.replaceAll(' ', ''))
    await expect(dialog.getByRole('link')).toHaveAttribute('href', scanned.href)
  }
})

test('enables nothing if it is abandoned or expired, and can be begun again', { tag: '@all' }, async ({
  page,
  gatehouse,
  call,
}) => {
  const cleo = { username: 'cleo', password: 'only for this story' }
  await makePerson(call, cleo)
  await enter(page, cleo)
  await openPage(page, address, heading)
  const left = openAuthenticator((await beginEnrolment(page)).secret)
  await page.reload()
  await expect(state(page)).toContainText('MFA is off.')
  await signOut(page, cleo)
  await signIn(page, cleo)

  await openPage(page, address, heading)
  const { dialog, secret } = await beginEnrolment(page)
  await typeCode(page, await left.code())
  await expectWrongCode(page)
  letMinutesPass(gatehouse, cleo.username, 11)
  await typeCode(page, await openAuthenticator(secret).code())
  await expect(page.getByRole('alert')).toContainText('This secret has expired.')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(state(page)).toContainText('MFA is off.')
  await signOut(page, cleo)
  await signIn(page, cleo)

  await openPage(page, address, heading)
  const app = openAuthenticator((await beginEnrolment(page)).secret)
  await typeCode(page, await app.code())
  await readBackupCodes(page)
  await confirmSaved(page)
  await signOut(page, cleo)
  await enterPassword(page, cleo)
  await typeCode(page, await app.code(1))
  await expect(page.getByRole('button', { name: 'Account of cleo' })).toBeVisible()
})

test('accepts the QR code that was scanned first after a reload or in a second tab', { tag: '@all' }, async ({
  page,
  context,
  call,
}) => {
  const eve = { username: 'eve', password: 'only for this story' }
  await makePerson(call, eve)
  await enter(page, eve)
  await openPage(page, address, heading)
  const { secret } = await beginEnrolment(page)
  const app = openAuthenticator(secret)
  await page.reload()
  expect((await beginEnrolment(page)).secret).toBe(secret)
  const second = await context.newPage()
  await openPage(second, address, heading)
  const { dialog: late, secret: seen } = await beginEnrolment(second)
  expect(seen).toBe(secret)

  await test.step('a wrong code gets a helpful message', async () => {
    await page.bringToFront()
    await typeCode(page, await app.wrongCode())
    await expectWrongCode(page)
    await expect(page.getByRole('alert')).toContainText('Use the code of the entry that you created with this QR code')
    await expect(page.getByRole('alert')).not.toContainText('Wait for the next code')
    await expectAccessible(page)
  })

  await test.step('the code of the first QR code enables it, and the second tab shows that it is on', async () => {
    await typeCode(page, await app.code())
    await readBackupCodes(page)
    await confirmSaved(page)
    await second.bringToFront()
    await typeCode(second, await app.code(1))
    await expect(second.getByRole('alert')).toContainText('MFA is already enabled.')
    await late.getByRole('button', { name: 'Cancel' }).click()
    await second.reload()
    await expect(state(second)).toContainText('10 backup codes are left.')
  })
})

test('accepts each backup code once, warns when few are left, and new ones replace the old', { tag: '@all' }, async ({
  page,
  gatehouse,
  call,
}) => {
  const dora = { username: 'dora', password: 'only for this story' }
  await makePerson(call, dora)
  await enter(page, dora)
  const { app, backupCodes: codes } = await enrol(browserCall(page))
  const [first = '', second = '', ...others] = codes

  await test.step('once, typed from paper', async () => {
    await page.goto('/')
    await signOut(page, dora)
    await enterPassword(page, dora)
    await useBackupCode(page, ` ${first.toLowerCase().replaceAll('-', ' ')}`)
    await expect(page.getByRole('status').filter({ hasText: 'You signed in with a backup code.' })).toContainText(
      '9 backup codes are left.',
    )
    await signOut(page, dora)
    await enterPassword(page, dora)
    await useBackupCode(page, first)
    await expectWrongCode(page)
    await expect(page.getByRole('alert')).toContainText('Each backup code works once')
  })

  await test.step('three left: a warning', async () => {
    for (const backupCode of others.slice(0, 5)) await spend(page, dora, backupCode)
    await page.goto('/')
    await signOut(page, dora)
    await enterPassword(page, dora)
    await useBackupCode(page, second)
    const notice = page.getByRole('status').filter({ hasText: '3 backup codes are left.' })
    await notice.getByRole('link', { name: 'Regenerate' }).click()
    await expect(state(page)).toContainText('few left')
  })

  await test.step('ten new ones for a code of the app', async () => {
    await page.getByRole('button', { name: 'Regenerate backup codes' }).click()
    await typeCode(page, await app.wrongCode())
    await expectWrongCode(page)
    letMinutesPass(gatehouse, dora.username, 1)
    await typeCode(page, await app.code())
    const renewed = await readBackupCodes(page)
    expect(renewed.filter((code) => codes.includes(code))).toEqual([])
    await confirmSaved(page)
    await expect(state(page)).toContainText('10 backup codes are left.')
    await expect(page.getByRole('status').filter({ hasText: 'backup codes are left' })).toHaveCount(0)
    await signOut(page, dora)
    await enterPassword(page, dora)
    await useBackupCode(page, codes.at(-1) ?? '')
    await expectWrongCode(page)
    await page.getByLabel('Backup code', { exact: true }).fill(renewed[0] ?? '')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('status').filter({ hasText: '9 backup codes are left.' })).toBeVisible()
  })
})

test('signs in with a backup code, and turns off with a code; then the password is enough', async ({ page, call }) => {
  const fay = { username: 'fay', password: 'only for this story' }
  await makePerson(call, fay)
  await enter(page, fay)
  const { app, backupCodes } = await enrol(browserCall(page))
  await page.context().clearCookies()
  await page.goto(address)
  await enterPassword(page, fay)
  await useBackupCode(page, backupCodes[0] ?? '')
  await expect(page.getByRole('status').filter({ hasText: '9 backup codes are left.' })).toBeVisible()
  await page.getByRole('button', { name: disable }).click()
  await typeCode(page, await app.code(1))
  await expectDone(page, 'Multi-factor authentication is off.')
  await signOut(page, fay)
  await signIn(page, fay)
})

test('turns off with a backup code, and refuses wrong ones', { tag: '@all' }, async ({ page, call }) => {
  const emil = { username: 'emil', password: 'only for this story' }
  await makePerson(call, emil)
  await enter(page, emil)
  const own = browserCall(page)
  const first = await enrol(own)
  await openPage(page, address, heading)
  await page.getByRole('button', { name: disable }).click()
  await typeCode(page, await first.app.wrongCode())
  await expectWrongCode(page)
  await typeCode(page, await first.app.code(1))
  await expectDone(page, 'Multi-factor authentication is off.')
  await signOut(page, emil)
  await signIn(page, emil)

  const { backupCodes } = await enrol(own)
  await openPage(page, address, heading)
  await page.getByRole('button', { name: disable }).click()
  await useBackupCode(page, first.backupCodes[0] ?? '')
  await expectWrongCode(page)
  await page.getByLabel('Backup code', { exact: true }).fill(backupCodes[0] ?? '')
  await page.getByRole('dialog').getByRole('button', { name: disable }).click()
  await expectDone(page, 'Multi-factor authentication is off.')
  await expect(state(page)).toContainText('MFA is off.')
  await signOut(page, emil)
  await signIn(page, emil)
})

/** Signs in with it, without the pages. */
async function spend(page: Page, credentials: Credentials, backupCode: string): Promise<void> {
  await enter(page, credentials)
  await browserCall(page)(session.secondFactor, { body: { backupCode } })
}
