/** The console in German: one story each of signing in, a second factor, a user and a CA; and switching the language. */
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { expectAccessible } from '../support/accessibility.ts'
import { placesInNavigation } from '../support/actions.ts'
import { enter, makeMachine, makePerson } from '../support/api.ts'
import { openAuthenticator } from '../support/authenticator.ts'
import { dropFiles } from '../support/drop.ts'
import { expect, test } from '../support/fixtures.ts'
import { looksTimeoutMs, makeLooksData } from '../support/looks-data.ts'
import { makeModernAuthority } from '../support/openssl.ts'

test.use({ locale: 'de-DE' })

const password = 'only for this story'

test('signs in, and stays in the language that the reader chose', async ({ page, call }) => {
  await makePerson(call, { username: 'greta', password })
  await page.goto('/')
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  await page.getByLabel('Benutzername').fill('greta')
  await page.getByLabel('Kennwort', { exact: true }).fill('wrong')
  await page.getByRole('button', { name: 'Anmelden' }).click()
  await expect(page.getByRole('alert')).toContainText('Benutzername oder Kennwort ist falsch.')
  await page.getByLabel('Kennwort', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Anmelden' }).click()
  await page.getByRole('button', { name: 'Konto von greta' }).click()
  await page.getByRole('radiogroup', { name: 'Sprache' }).getByText('English').click()
  await expect(page.getByRole('button', { name: 'Account of greta' })).toBeVisible()
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
})

test('enrols a second factor', async ({ page, call }) => {
  const heike = { username: 'heike', password }
  await makePerson(call, heike)
  await page.goto('/')
  await enter(page, heike)
  await page.goto('/account/mfa')
  const enable = 'Zwei-Faktor-Authentifizierung aktivieren'
  await page.getByRole('button', { name: enable }).click()
  const secret = await page
    .getByRole('dialog', { name: enable })
    .getByLabel('Geheimer Schlüssel', { exact: true })
    .textContent()
  await page.keyboard.type(await openAuthenticator(secret ?? '').code())
  const codes = page.getByRole('dialog', { name: 'Speichern Sie Ihre Backup-Codes' })
  await expect(codes.getByRole('listitem')).toHaveCount(10)
  await codes.getByRole('checkbox', { name: 'Ich habe diese Codes gespeichert' }).check()
  await codes.getByRole('button', { name: 'Fertig' }).click()
  await expect(page.getByRole('main')).toContainText('10 Backup-Codes übrig.')
})

test('edits a user', async ({ page, call }) => {
  const { id } = await makeMachine(call, 'waage-1')
  await enter(page)
  await page.goto('/users?search=waage-1')
  await page.getByRole('link', { name: 'waage-1' }).click()
  await page.getByRole('button', { name: 'Bearbeiten' }).click()
  const dialog = page.getByRole('dialog', { name: 'Benutzer bearbeiten' })
  await dialog.getByLabel('Anzeigename').fill('Waage in Halle 1')
  await dialog.getByRole('button', { name: 'Speichern' }).click()
  await expect(page.getByRole('alert')).toContainText('Benutzer waage-1 aktualisiert.')
  expect(await call(users.view, { params: { id } })).toMatchObject({ displayName: 'Waage in Halle 1' })
})

test('uploads a CA', async ({ page, call, folder }) => {
  const ca = await makeModernAuthority(folder, 'halle', 'Halle CA', 'ECDSA P-256')
  await enter(page)
  await page.goto('/authorities?upload=')
  await expect(page.getByRole('dialog')).toBeVisible()
  await dropFiles(page, [ca.certificate])
  const trust = page.getByRole('dialog').getByRole('button', { name: '1 CA vertrauen' })
  await trust.click()
  await expect(page.getByRole('alert')).toContainText('Halle CA wird jetzt vertraut.')
  expect(await call(authorities.list, { search: { search: 'Halle CA' } })).toMatchObject({ total: 1 })
})

test.describe('every page in German and in the pseudo-locale', { tag: '@all' }, () => {
  test.describe.configure({ timeout: looksTimeoutMs })

  test('is accessible and fits', async ({ page, call, gatehouse, context }) => {
    await makeLooksData({ call, gatehouse })
    await enter(page)
    const choose = (value: string) => context.addCookies([{ name: 'gatehouse-language', value, url: gatehouse.url }])
    await choose('en')
    const places = [
      ...(await placesInNavigation(page)),
      '/authorities/built-in',
      '/users/import',
      '/users/import/mosquitto',
    ]
    for (const [language, tag] of [
      ['de', 'de'],
      ['pseudo', 'en-XA'],
    ] as const) {
      await choose(language)
      for (const place of places) {
        await page.goto(place)
        await page.getByRole('main').getByRole('heading').first().waitFor()
        await expect(page.locator('html')).toHaveAttribute('lang', tag)
        await expectAccessible(page)
      }
    }
  })
})
