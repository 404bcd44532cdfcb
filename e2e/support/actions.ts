/** Actions that several stories share. */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { expect, type Locator, type Page } from '@playwright/test'
import { type Login, subscribe } from './mosquitto.ts'

/** The first administrator of the application of a worker. */
export const admin = { username: 'admin', password: 'only for browser tests' }

export interface Credentials {
  username: string
  password: string
}

/** Fills in the sign-in page and submits it. The caller checks the result. */
export async function enterCredentials(page: Page, { username, password }: Credentials): Promise<void> {
  const name = page.getByLabel('Username')
  // Fixed where the same user signs in again.
  if (await name.isEditable()) await name.fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

export async function signIn(page: Page, credentials: Credentials = admin): Promise<void> {
  await page.goto('/sign-in')
  await enterCredentials(page, credentials)
  await expect(page.getByRole('button', { name: `Account of ${credentials.username}` })).toBeVisible()
}

export async function signOut(page: Page, { username }: Credentials = admin): Promise<void> {
  await page.getByRole('button', { name: `Account of ${username}` }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
}

/** Opens a page by its address and waits until it is shown. */
export async function openPage(page: Page, address: string, heading: string): Promise<void> {
  await page.goto(address)
  await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible()
}

/**
 * Opens another page of the console as a link does: a third of the CPU of a load. Only with the same user, and for data that the
 * console has not loaded before: what the API changed behind the page may be shown as it was.
 */
export async function goTo(page: Page, address: string, heading: string): Promise<void> {
  // The router follows this.
  await page.evaluate((place) => history.pushState({}, '', place), address)
  await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible()
}

/** Returns the addresses of all pages in this person's navigation, and those of the own account. */
export async function placesInNavigation(page: Page): Promise<string[]> {
  await page.goto('/')
  const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link')
  await links.first().waitFor()
  const found = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? '/'))
  return [...found, '/account/password', '/account/mfa', '/account/sessions', '/account/tokens']
}

/** Calls the API and expects a refusal with this code. */
export async function expectRefusal(answer: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(answer).rejects.toMatchObject({ code })
}

/** Expects a disabled button with a reason. */
export async function expectShut(button: Locator, reason: string): Promise<void> {
  await expect(button).toHaveAttribute('aria-disabled', 'true')
  await button.hover()
  await expect(button.page().getByRole('tooltip', { name: reason })).toBeVisible()
}

/** Returns the row of the only table by the text of its first cell. */
export function rowOf(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name }) })
}

/** Opens the menu of a row and chooses an item. */
export async function chooseAction(page: Page, row: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${row}`, exact: true }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

/** Waits for the message about a finished action. */
export async function expectDone(page: Page, sentence: string): Promise<void> {
  await expect(page.getByRole('alert').filter({ hasText: sentence })).toBeVisible()
}

/** Opens Edit User with Advanced Mode on. */
export async function openAdvanced(page: Page, username: string): Promise<Locator> {
  await page.goto(`/users?search=${encodeURIComponent(username)}`)
  await chooseAction(page, username, 'Edit')
  const dialog = page.getByRole('dialog', { name: 'Edit user' })
  await dialog.getByRole('switch', { name: 'Advanced mode' }).check()
  return dialog
}

/** Expects the connection to end in TLS: the client receives no byte of MQTT. */
export async function expectRefusedInTls(login: Login): Promise<void> {
  const client = subscribe(login, ['line-3/#'])
  await client.exit()
  expect(client.timeline.events.filter(({ kind }) => kind === 'connack')).toEqual([])
}
