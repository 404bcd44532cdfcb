/** A scene of `npm run screenshots`, and how the console is brought there. */
import type { Page } from '@playwright/test'
import type { Plant } from './example-plant.ts'

export interface Stage {
  page: Page
  plant: Plant
  /** The text of the console in the language of the pictures, by its English. */
  say: (english: string, values?: Record<string, string>) => string
}

/** `show` starts on a page of its own, and ends when the picture can be taken. */
export interface Scene {
  name: string
  show: (stage: Stage) => Promise<void>
}

export const at = (name: string, path: string): Scene => ({ name, show: ({ page }) => open(page, path) })

export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.getByRole('heading').first().waitFor()
  if (/[?&](create|edit|upload|replace|revoke|view)=/.test(path)) await page.getByRole('dialog').waitFor()
}

/** The navigation of a phone. False on a desk, where it always shows. */
export async function openDrawer({ page, say }: Pick<Stage, 'page' | 'say'>): Promise<boolean> {
  const button = page.getByRole('button', { name: say('Open navigation') })
  if (!(await button.isVisible())) return false
  await button.click()
  await page.getByRole('dialog').waitFor()
  return true
}

/** Chooses an action of the first menu of the page, and waits for its dialog. */
export async function chooseAction(
  { page, say }: Pick<Stage, 'page' | 'say'>,
  path: string,
  action: string,
): Promise<void> {
  await open(page, path)
  await page.locator('main [data-row-menu]').first().click()
  await page.getByRole('menuitem', { name: say(action) }).click()
  await page.getByRole('dialog').waitFor()
}
