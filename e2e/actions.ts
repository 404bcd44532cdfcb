/** What people do on more than one page. */
import { expect, type Page } from '@playwright/test'

/** The first administrator of the application that a worker starts. */
export const admin = { username: 'admin', password: 'only for browser tests' }

export interface Credentials {
  username: string
  password: string
}

/** Fills in the sign-in page and sends it; what comes then is the caller's to look at. */
export async function enterCredentials(page: Page, { username, password }: Credentials): Promise<void> {
  await page.getByLabel('Username').fill(username)
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
