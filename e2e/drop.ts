/** Files dragged from the desktop onto the page, as the browser itself delivers them: events that scripts cannot tell from a hand's. */
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
