/** What a machine can see of a page's looks: accessibility in both colour schemes, and whether it fits, on a desk and on a phone. */
import type { Page } from '@playwright/test'
import axe from 'axe-core'
import { expect } from './fixtures.ts'

declare global {
  /** What its source leaves on a page. */
  var axe: typeof import('axe-core')
}

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
      // Everything else is the same in both: axe takes its time.
      const found = await findViolations(page, colorScheme === 'light' ? null : aboutColours)
      expect.soft(found, `${name}, ${colorScheme}, ${viewport.width} wide`).toEqual([])
    }
    const tooWideBy = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      return scrollWidth - clientWidth
    })
    expect.soft(tooWideBy, `${name}, ${viewport.width} wide: has to be pushed sideways`).toBeLessThanOrEqual(0)
  }
}

/** By all rules, unless they are named. What is as it should be is not described: that takes as long as finding it. */
async function findViolations(page: Page, rules: string[] | null): Promise<string[]> {
  expect(page.frames(), 'axe is in one of them only').toHaveLength(1)
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source)
  return page.evaluate(async (values) => {
    const runOnly = values && { type: 'rule' as const, values }
    const { violations } = await globalThis.axe.run({ resultTypes: ['violations'], ...(runOnly && { runOnly }) })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  }, rules)
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
