/** A person signs in through an OpenID provider on another site, proves again who is there, and signs out at both ends. */
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { settings } from '@gatehouse/contract/operations/settings'
import { admin, enterCredentials, expectDone, openPage } from '../support/actions.ts'
import { enter, makeRole, path } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts'
import { letMinutesPass } from '../support/time.ts'

let provider: OpenIdProvider
test.beforeAll(async () => {
  provider = await startOpenIdProvider()
})
test.afterAll(() => provider.stop())

test('signs in through a provider on another site, proves the identity there, and signs out there', async ({
  page,
  context,
  gatehouse,
  call,
}) => {
  const roleId = await makeRole(call, 'editor-of-roles', [path('/api/roles/#', 'readWrite')])
  const { issuer, clientId, clientSecret: secret } = provider
  await provider.register(gatehouse.url, 'company')
  await call(identityProviders.create, {
    body: {
      kind: 'oidc',
      name: 'company',
      label: 'Company account',
      secret,
      mappings: [{ source: 'editors', roleId }],
      settings: { issuer, clientId, mayBePrivate: true, logoutAtProvider: true },
    },
  })
  await provider.be('alice', { roles: ['editors'] })

  await test.step('the page that was asked for opens, with a session that only our own pages send', async () => {
    await page.goto('/roles')
    await page.getByRole('link', { name: 'Sign in with Company account' }).click()
    await expect(page).toHaveURL('/roles')
    await expect(page.getByRole('heading', { name: 'Roles', level: 1 })).toBeVisible()
    const cookies = await context.cookies(gatehouse.url)
    expect(cookies.find(({ name }) => name.endsWith('gatehouse'))).toMatchObject({ sameSite: 'Strict', httpOnly: true })
    expect(cookies.filter(({ name }) => name.includes('-sso-'))).toEqual([])
  })

  await test.step('a proof at the provider, which has new keys, lets the change through that waited for it', async () => {
    await provider.rotateKeys()
    await page.goto('/roles?create=')
    const dialog = page.getByRole('dialog', { name: 'Add role' })
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('made after a proof')
    letMinutesPass(gatehouse, 'alice', 11)
    await dialog.getByRole('button', { name: 'Create' }).click()
    const confirm = page.getByRole('link', { name: 'Confirm with Company account' })
    const openTab = async () => {
      const opened = context.waitForEvent('page')
      await confirm.click()
      return opened
    }
    // The page of the provider, at which the person has not signed in yet.
    const unanswered = { contentType: 'text/html', body: '<title>The provider waits</title>' }
    await context.route('**/api/auth/oidc/company/start*', (route) => route.fulfill(unanswered), { times: 2 })
    await (await openTab()).close()
    await expect(confirm).toBeVisible()
    const tab = await openTab()
    await expect(tab).toHaveTitle('The provider waits')
    await tab.reload()
    await expect(tab.getByRole('heading', { name: 'Confirmed' })).toBeVisible()
    await expectDone(page, 'Role made after a proof created.')
    await tab.reload()
    await expect(tab.getByRole('heading', { name: 'Confirmed' })).toBeVisible()
    await tab.close()
  })

  await test.step('an answer that comes twice is refused, and says why in the address', async () => {
    const answers: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/callback?')) answers.push(request.url())
    })
    await page.goto('/api/auth/oidc/company/start?to=/roles')
    await expect(page).toHaveURL('/roles')
    const answer = await page.request.get(answers[0] ?? '')
    expect(await answer.text()).toContain('#sso=sso_expired')
  })

  await test.step('signing out ends the session here, and then the one at the provider', async () => {
    await page.getByRole('button', { name: 'Account of alice' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Yes, sign me out' }).click()
    await expect(page).toHaveURL(`${gatehouse.url}/`)
    await expect(page.getByRole('link', { name: 'Sign in with Company account' })).toBeVisible()
  })

  await test.step('where the person cancels there, the sign-in page says so', async () => {
    await provider.cancel()
    await page.getByRole('link', { name: 'Sign in with Company account' }).click()
    await expect(page.getByRole('alert')).toContainText('You cancelled')
  })

  await test.step('where passwords are for administrators only, the form is at #password', async () => {
    await call(settings.update, { body: { signIn: { passwordsOfAdministratorsOnly: true } } })
    await page.goto('/')
    await expect(page.getByRole('link', { name: 'Sign in with Company account' })).toBeVisible()
    await expect(page.getByLabel('Username')).toBeHidden()
    await page.goto('/roles#password')
    await enterCredentials(page, admin)
    await expect(page.getByRole('button', { name: 'Account of admin' })).toBeVisible()
  })
})

test('an address alone neither confirms nor links', async ({ page }) => {
  await page.goto('/?done=#sso=sso_denied')
  await expect(page.getByRole('heading', { name: 'Not confirmed' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('You cancelled')
  await expect(page.getByRole('heading', { name: 'Not confirmed' })).toBeVisible()
  await enter(page)
  await openPage(page, '/account/password?link=company', 'Password')
  await expect(page).toHaveURL('/account/password')
  await expect(page.getByText('You can sign in with it now.')).toHaveCount(0)
})
