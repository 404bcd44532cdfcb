/**
 * Drops files on the page with the real events of the browser, which scripts cannot distinguish from those of a person.
 */
import type { Page } from '@playwright/test'

export async function dropFiles(page: Page, files: string[], at = { x: 720, y: 500 }): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const copy = 1
  const data = { items: [], files, dragOperationsMask: copy }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, ...at, data })
  }
  await devtools.detach()
}
