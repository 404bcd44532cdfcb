/** The second factor as people use it on the pages. */
import type { Locator, Page } from '@playwright/test'
import { type Credentials, enterCredentials } from './actions.ts'
import { expect } from './fixtures.ts'

const enable = 'Enable multi-factor authentication'

export async function enterPassword(page: Page, credentials: Credentials): Promise<void> {
  await enterCredentials(page, credentials)
  await expect(page.getByRole('heading', { name: 'Enter your code' })).toBeVisible()
}

/** Types into the six boxes, of which the first has the focus. They submit themselves. */
export async function typeCode(page: Page, code: string): Promise<void> {
  await expect(page.getByLabel('Digit 1 of 6')).toBeFocused()
  // A dialog that opens moves the focus to the first box again, by a timer. That must not happen between two digits.
  await page.evaluate(() => new Promise<void>((done) => void setTimeout(done)))
  await page.keyboard.type(code)
}

export async function pasteCode(page: Page, code: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate((text) => navigator.clipboard.writeText(text), code)
  await expect(page.getByLabel('Digit 1 of 6')).toBeFocused()
  await page.keyboard.press('ControlOrMeta+V')
}

export async function useBackupCode(page: Page, code: string): Promise<void> {
  await page.getByRole('button', { name: 'Use a backup code' }).click()
  await page.getByLabel('Backup code', { exact: true }).fill(code)
  await page.keyboard.press('Enter')
}

export async function expectWrongCode(page: Page): Promise<void> {
  await expect(page.getByRole('alert')).toContainText('Wrong code.')
}

/** Opens the dialog with the QR code, from the page of the second factor or where it is required. */
export async function beginEnrolment(page: Page): Promise<{ dialog: Locator; secret: string }> {
  await page.getByRole('button', { name: enable }).click()
  const dialog = page.getByRole('dialog', { name: enable })
  return { dialog, secret: (await dialog.getByLabel('Secret key', { exact: true }).textContent()) ?? '' }
}

/** Returns the ten codes and leaves the dialog open. */
export async function readBackupCodes(page: Page): Promise<string[]> {
  const codes = page.getByRole('dialog', { name: 'Save your backup codes' }).getByRole('listitem')
  await expect(codes).toHaveCount(10)
  return codes.allTextContents()
}

export async function confirmSaved(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Save your backup codes' })
  await dialog.getByRole('checkbox', { name: 'I have saved these codes' }).check()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(dialog).toBeHidden()
}
