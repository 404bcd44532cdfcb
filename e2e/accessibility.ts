/** What a machine can see of accessibility, in every look of a page. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './fixtures.ts'

const desk = { width: 1440, height: 900 }
const phone = { width: 375, height: 812 }

/** The page as it stands, dialogs and all: light and dark, on a desk and on a phone. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const viewport of [phone, desk]) {
      await page.setViewportSize(viewport)
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
      expect(found, `${new URL(page.url()).pathname}, ${colorScheme}, ${viewport.width} wide`).toEqual([])
    }
  }
}
