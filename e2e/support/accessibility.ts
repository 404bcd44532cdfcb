/** Checks what a machine can see of a page: accessibility in both colour schemes, and whether it fits, on a desk and on a phone. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect } from './fixtures.ts'

declare global {
  /** The page as its source leaves it. */
  var axe: typeof import('axe-core')
}

/** The minified file: each page gets it, and `source` of the package is twice as long. */
const axeSource = readFileSync(join(import.meta.dirname, '../node_modules/axe-core/axe.min.js'), 'utf8')

const desk = { width: 1440, height: 900 }
const phone = { width: 375, height: 812 }

const aboutColours = ['color-contrast', 'link-in-text-block']

/** `npm test -- --all` runs each rule of axe wherever it can make a difference. */
const isAll = Boolean(process.env['GATEHOUSE_TEST_ALL'])

/**
 * Checks the page as it stands, with its dialogs: only its size and its colours change. It ends on the desk, in dark.
 * On a phone a page has the same elements and colours, so `npm test` runs axe there only for pages that ask for it, without the rules
 * about colours. Both take most of the time of axe.
 */
export async function expectAccessible(page: Page, { onPhone = isAll } = {}): Promise<void> {
  const name = await nameOf(page)
  for (const viewport of [phone, desk]) {
    await page.setViewportSize(viewport)
    const where = `${name}, ${viewport.width} wide`
    if (viewport === desk || onPhone) await expectNoViolations(page, { where, withColours: isAll || viewport === desk })
    const message = `${name}, ${viewport.width} wide: has to be pushed sideways`
    // The page can take a moment to arrange itself for a new width.
    await expect
      .configure({ soft: true })
      .poll(() => tooWideBy(page), { message })
      .toBeLessThanOrEqual(0)
  }
}

async function expectNoViolations(
  page: Page,
  { where, withColours }: { where: string; withColours: boolean },
): Promise<void> {
  for (const colorScheme of withColours ? (['light', 'dark'] as const) : (['light'] as const)) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
    await settle(page)
    // Everything but the colours is the same in both schemes.
    const found = await findViolations(page, colorScheme === 'dark' ? { only: aboutColours } : { withColours })
    expect.soft(found, `${where}, ${colorScheme}`).toEqual([])
  }
}

function tooWideBy(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return scrollWidth - clientWidth
  })
}

/** Runs these rules and describes violations only: describing the rest takes as long as finding it. */
async function findViolations(page: Page, rules: { only: string[] } | { withColours: boolean }): Promise<string[]> {
  expect(page.frames(), 'axe is in one of them only').toHaveLength(1)
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource)
  const options = {
    ...('only' in rules && { runOnly: { type: 'rule' as const, values: rules.only } }),
    ...('withColours' in rules && {
      rules: Object.fromEntries(aboutColours.map((id) => [id, { enabled: rules.withColours }])),
    }),
  }
  return page.evaluate(async (chosen) => {
    const { violations } = await globalThis.axe.run({ resultTypes: ['violations'], ...chosen })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  }, options)
}

/** Waits for animations to end, because a colour that fades in is not final yet. */
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
