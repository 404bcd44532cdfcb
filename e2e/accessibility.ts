/** What a machine can see of a page's looks: accessibility in both colour schemes, and whether it fits, on a desk and on a phone. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from './fixtures.ts'

const desk = { width: 1440, height: 900 }
const phone = { width: 375, height: 812 }

const aboutColours = ['color-contrast', 'link-in-text-block']

/** The page as it stands, dialogs and all: only its size and its colours change. It ends on the desk, in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  const name = await nameOf(page)
  for (const viewport of [phone, desk]) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
      await settle(page)
      const axe = new AxeBuilder({ page }).setLegacyMode()
      // Everything else is the same in both: axe takes its time.
      const { violations } = await (colorScheme === 'light' ? axe : axe.withRules(aboutColours)).analyze()
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
      expect.soft(found, `${name}, ${colorScheme}, ${viewport.width} wide`).toEqual([])
    }
    const tooWideBy = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      return scrollWidth - clientWidth
    })
    expect.soft(tooWideBy, `${name}, ${viewport.width} wide: has to be pushed sideways`).toBeLessThanOrEqual(0)
  }
}

/** While it fades in, a colour is not yet what it is going to be. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
    return Promise.allSettled(ending.map((animation) => animation.finished)).then(() => undefined)
  })
}

async function nameOf(page: Page): Promise<string> {
  const { pathname, search } = new URL(page.url())
  const dialogs = await page.getByRole('dialog').getByRole('heading', { level: 2 }).allTextContents()
  return [pathname + search, ...dialogs].join(', ')
}
