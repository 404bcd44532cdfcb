/** Checks what a machine can see of a page: accessibility in both colour schemes, and whether it fits, on a desk and on a phone. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect } from './fixtures.ts'
import { isAll } from './long-run.ts'

declare global {
  /** The page as its source leaves it. */
  var axe: typeof import('axe-core')
}

/** The minified file: each page gets it, and `source` of the package is twice as long. */
const axeSource = readFileSync(join(import.meta.dirname, '../node_modules/axe-core/axe.min.js'), 'utf8')

const desk = { width: 1440, height: 900 }
const phone = { width: 375, height: 812 }

const aboutColours = ['color-contrast', 'link-in-text-block']

/**
 * Checks the page as it stands, with its dialogs: only its size and its colours change. It ends on the desk, in dark.
 * `npm test` runs axe on what differs from other pages, without what `repeatedOn` finds. On a phone a page has the same elements and
 * colours, so axe runs there only for pages that are checked as a whole, without the rules about colours.
 */
export async function expectAccessible(page: Page, { isWhole = isAll } = {}): Promise<void> {
  const name = await nameOf(page)
  for (const viewport of [phone, desk]) {
    await page.setViewportSize(viewport)
    const where = `${name}, ${viewport.width} wide`
    if (viewport === desk || isWhole)
      await expectNoViolations(page, { where, isWhole, withColours: isAll || viewport === desk })
    const message = `${name}, ${viewport.width} wide: has to be pushed sideways`
    // The page can take a moment to arrange itself for a new width.
    await expect
      .configure({ soft: true })
      .poll(() => tooWideBy(page), { message })
      .toBeLessThanOrEqual(0)
  }
}

interface Part {
  isWhole: boolean
  withColours: boolean
}

async function expectNoViolations(
  page: Page,
  { where, isWhole, withColours }: Part & { where: string },
): Promise<void> {
  const exclude = isWhole ? [] : await repeatedOn(page)
  for (const colorScheme of withColours ? (['light', 'dark'] as const) : (['light'] as const)) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
    await settle(page)
    // Everything but the colours is the same in both schemes.
    const found = await findViolations(page, exclude, colorScheme === 'dark' ? { only: aboutColours } : { withColours })
    expect.soft(found, `${where}, ${colorScheme}`).toEqual([])
  }
}

function tooWideBy(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return scrollWidth - clientWidth
  })
}

/**
 * Selectors of the elements that other checks cover: below a modal dialog its page, which is checked without the dialog; on any other
 * page the navigation, which is checked on the pages that are checked as a whole.
 */
function repeatedOn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const modals = [...document.querySelectorAll('[aria-modal="true"]')].filter((modal) => modal.checkVisibility())
    const coversPage = modals.length > 0 && modals.every((modal) => !modal.closest('#root'))
    return [coversPage ? '#root' : 'nav[aria-label="Main"]'].filter((selector) => document.querySelector(selector))
  })
}

/** Runs these rules and describes violations only: describing the rest takes as long as finding it. */
async function findViolations(
  page: Page,
  exclude: string[],
  rules: { only: string[] } | { withColours: boolean },
): Promise<string[]> {
  expect(page.frames(), 'axe is in one of them only').toHaveLength(1)
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource)
  const options = {
    ...('only' in rules && { runOnly: { type: 'rule' as const, values: rules.only } }),
    ...('withColours' in rules && {
      rules: Object.fromEntries(aboutColours.map((id) => [id, { enabled: rules.withColours }])),
    }),
  }
  return page.evaluate(
    async ([without, chosen]) => {
      const { violations } = await globalThis.axe.run({ exclude: without }, { resultTypes: ['violations'], ...chosen })
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    },
    [exclude, options] as const,
  )
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
