/**
 * `npm run pictures`: takes the pictures of the README and of `docs/identity` from the running application, with the example data, a
 * real CA and real clients. Run it again when a page looks different.
 */
import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import { enterCredentials, signIn } from '../e2e/support/actions.ts'
import { succeed } from '../e2e/support/outside.ts'
import { startGatehouse } from '../e2e/support/server.ts'
import config from '../playwright.config.ts'
import { makePlant, type Plant } from './example-plant.ts'
import { root } from './run.mjs'

const folder = join(root, 'docs/pictures')
const admin = { username: 'admin', password: 'only for pictures' }

mkdirSync(folder, { recursive: true })
const pki = await mkdtemp(join(tmpdir(), 'gatehouse-pictures-'))
const gatehouse = await startGatehouse({ GATEHOUSE_ADMIN_PASSWORD: admin.password })
const browser = await chromium.launch(config.use?.launchOptions)
try {
  const plant = await makePlant(gatehouse, admin, pki)
  await takeLight(browser, plant)
  await takeDark(browser)
  await takeIdentityProviders(browser)
  await takeSecondFactor(browser)
  await plant.stop()
} finally {
  await browser.close()
  await gatehouse.remove()
  await rm(pki, { recursive: true })
}

async function takeLight(from: Browser, { deviceId, deviceCertificate, supplierCertificate }: Plant): Promise<void> {
  const page = await open(from, 'light')
  await page.goto('/authorities')
  await page.getByRole('button', { name: 'Upload CA' }).click()
  await page.getByLabel('Or paste text').fill(supplierCertificate)
  await page.getByRole('button', { name: /^Trust/ }).waitFor()
  await take(page, 'upload')
  await page.keyboard.press('Escape')
  await page.goto('/certificates/check')
  await page.getByLabel('Certificate to check').fill(deviceCertificate)
  await page.getByText('line-3/#').first().waitFor()
  await take(page, 'check')
  await takePage(page, 'authorities', '/authorities')
  await takePage(page, 'roles', '/roles')
  await takePage(page, 'audit', '/audit')
  await takePage(page, 'decisions', '/broker/decisions')
  await page.goto(`/devices?edit=${deviceId}`)
  await page.getByRole('switch', { name: 'Advanced mode' }).check({ force: true })
  await page.getByRole('switch', { name: 'Certificate', exact: true }).waitFor()
  await take(page, 'edit-user')
  await takePage(page, 'device', `/users/${deviceId}`)
  await page.getByRole('tab', { name: 'Certificates' }).click()
  await page.getByRole('button', { name: 'Issue certificate…' }).click()
  await page.getByRole('button', { name: 'Issue', exact: true }).click()
  await page.getByText('I have saved the key').waitFor()
  await take(page, 'issue')
}

async function takeDark(from: Browser): Promise<void> {
  const page = await open(from, 'dark')
  await takePage(page, 'users-dark', '/devices')
}

/** What the console fills in for each product. */
async function takeIdentityProviders(from: Browser): Promise<void> {
  const products = [
    { name: 'active-directory', kind: 'ldap', product: 'Active Directory' },
    { name: 'openldap', kind: 'ldap', product: 'OpenLDAP' },
    { name: 'entra-id', kind: 'oidc', product: 'Microsoft Entra ID' },
    { name: 'keycloak', kind: 'oidc', product: 'Keycloak' },
  ]
  for (const { name, kind, product } of products) {
    const page = await open(from, 'light')
    await page.goto(`/settings/identity-providers?create=${kind}`)
    await page.getByRole('combobox', { name: 'Product' }).click()
    await page.getByRole('option', { name: product }).click()
    await page.getByLabel('Label').waitFor()
    await take(page, name)
    await page.context().close()
  }
}

/** Walks through MFA setup, with `oathtool` as the authenticator app. */
async function takeSecondFactor(from: Browser): Promise<void> {
  const page = await open(from, 'light')
  await page.goto('/account/mfa')
  await page.getByRole('button', { name: 'Enable multi-factor authentication' }).click()
  const secret = (await page.getByLabel('Secret key', { exact: true }).innerText()).replaceAll(' ', '')
  await take(page, 'mfa-enrol')
  await page.getByLabel('Digit 1 of 6').click()
  await page.keyboard.type((await succeed('oathtool', ['--totp', '-b', secret])).trim())
  await page.getByRole('checkbox', { name: 'I have saved these codes' }).waitFor()
  await take(page, 'mfa-backup-codes')
  await page.getByRole('checkbox', { name: 'I have saved these codes' }).check()
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Regenerate backup codes' }).waitFor()
  await take(page, 'mfa-on')
  await page.context().clearCookies()
  await page.goto('/')
  await enterCredentials(page, admin)
  await page.getByLabel('Digit 1 of 6').waitFor()
  await take(page, 'mfa-code')
}

async function open(from: Browser, colorScheme: 'light' | 'dark'): Promise<Page> {
  const context = await from.newContext({
    baseURL: gatehouse.url,
    viewport: { width: 1280, height: 800 },
    colorScheme,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await signIn(page, admin)
  return page
}

async function takePage(page: Page, name: string, path: string): Promise<void> {
  await page.goto(path)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await take(page, name)
}

async function take(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
  console.log(`docs/pictures/${name}.png`)
}
