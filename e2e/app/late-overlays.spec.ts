/** Dialogs over a slow network: a dialog that was closed before its code arrived stays closed. */
import type { Page } from '@playwright/test'
import { openPage } from '../support/actions.ts'
import { enter, makePerson, makeRole } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

/** React shows suspended content up to 300 ms late, so that fallbacks do not flicker. */
const shownWithinMs = 600

/**
 * Holds back what the page loads from now on. `asked` waits until the page has requested something; `letGo` releases it, and waits
 * until it has arrived and would be shown.
 */
async function holdBack(page: Page): Promise<{ asked: () => Promise<void>; letGo: () => Promise<void> }> {
  const gate = Promise.withResolvers<void>()
  const arrivals: Promise<unknown>[] = []
  const held = /\/(assets\/.*\.js|api\/)/
  await page.route(held, async (route) => {
    arrivals.push(page.waitForEvent('requestfinished', (request) => request === route.request()))
    await gate.promise
    await route.continue()
  })
  const asked = () => expect.poll(() => arrivals.length).toBeGreaterThan(0)
  const letGo = async () => {
    gate.resolve()
    for (let seen = 0; seen < arrivals.length; ) {
      seen = arrivals.length
      await Promise.all(arrivals)
      await page.evaluate(async (ms) => {
        const until = performance.now() + ms
        while (performance.now() < until) await new Promise((next) => requestAnimationFrame(next))
      }, shownWithinMs)
    }
    await page.unroute(held)
  }
  return { asked, letGo }
}

interface Late {
  /** The others open in the same way as one of these. */
  isAlways?: true
  address: string
  heading: string
  open: (page: Page) => Promise<void>
  dialog?: string
}

const press = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).press('Enter')
const choose = (row: string, action: string) => async (page: Page) => {
  await page.getByRole('button', { name: `Actions for ${row}`, exact: true }).press('Enter')
  await page.getByRole('menuitem', { name: action }).press('Enter')
}

const overlays: Record<string, Late> = {
  'the navigation on a phone': { isAlways: true, address: '/', heading: 'Overview', open: press('Open navigation') },
  'Add user': { address: '/users', heading: 'Users', open: press('Add user') },
  'Edit user': { address: '/users?search=late', heading: 'Users', open: choose('late-user', 'Edit') },
  'Set password': {
    isAlways: true,
    address: '/users?search=late',
    heading: 'Users',
    open: choose('late-user', 'Set password…'),
  },
  'the question before a user is deleted': {
    address: '/users?search=late',
    heading: 'Users',
    open: choose('late-user', 'Delete…'),
  },
  'Edit role': { address: '/roles?search=late', heading: 'Roles', open: choose('late-role', 'Edit') },
  'Upload CA': { address: '/authorities', heading: 'Authorities', open: press('Upload CA') },
  'Create token': { address: '/account/tokens', heading: 'Tokens', open: press('Create token') },
  'the dialog for an own CA': {
    address: '/authorities/built-in',
    heading: 'Built-in CA',
    open: press('Use your own CA…'),
  },
}

let isMade = false
test.beforeEach(async ({ page, call }) => {
  if (!isMade) {
    await makePerson(call, { username: 'late-user', password: 'only for this story' })
    await makeRole(call, 'late-role', [])
    isMade = true
  }
  await enter(page)
})

for (const [what, { isAlways, address, heading, open }] of Object.entries(overlays)) {
  const title = `${what} stays closed when Escape is pressed before its code arrives, and opens the next time`
  test(title, isAlways ? {} : { tag: '@all' }, async ({ page }) => {
    if (what.endsWith('phone')) await page.setViewportSize({ width: 375, height: 812 })
    await openPage(page, address, heading)
    // A part of the page that renders again could lose the key that opens the dialog.
    await page.waitForLoadState('networkidle')
    const url = page.url()
    const { asked, letGo } = await holdBack(page)
    await open(page)
    // A key that is pressed earlier can cancel the request on a slow machine.
    await asked()
    await page.keyboard.press('Escape')
    await letGo()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(page).toHaveURL(url)

    await open(page)
    await expect(page.getByRole('dialog')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(page).toHaveURL(url)
  })
}

test('Edit user stays closed when the user goes back before its code arrives', async ({ page }) => {
  await openPage(page, '/users?search=late', 'Users')
  const url = page.url()
  const { asked, letGo } = await holdBack(page)
  await choose('late-user', 'Edit')(page)
  await page.waitForURL(/edit=/)
  await asked()
  await page.evaluate(() => history.back())
  await page.waitForURL(url)
  await letGo()
  await expect(page.getByRole('dialog')).toHaveCount(0)
})
