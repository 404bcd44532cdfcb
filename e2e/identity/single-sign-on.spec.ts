/** A person signs in through an OpenID provider on another site, proves again who is there, and signs out at both ends. */
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { session } from '@gatehouse/contract/identity/sign-in'
import { browserCall, makeRole, path } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts'
import { letMinutesPass } from '../support/time.ts'

let provider: OpenIdProvider
test.beforeAll(async () => {
  provider = await startOpenIdProvider()
})
test.afterAll(() => provider.stop())

test('signs in through another site, confirms the identity there, and signs out there', async ({
  page,
  context,
  gatehouse,
  call,
}) => {
  const roleId = await makeRole(call, 'reader-of-roles', [path('/api/roles/#', 'read')])
  const { issuer, clientId, clientSecret: secret } = provider
  await provider.register(gatehouse.url, 'company')
  await call(identityProviders.create, {
    body: {
      kind: 'oidc',
      name: 'company',
      label: 'Company account',
      secret,
      mappings: [{ source: 'readers', roleId }],
      settings: { issuer, clientId, mayBePrivate: true, logoutAtProvider: true },
    },
  })
  await provider.be('alice', { roles: ['readers'] })
  const start = '/api/auth/oidc/company/start'

  await test.step('the page that was asked for opens, with a session that only our own pages send', async () => {
    await page.goto(`${start}?to=/roles`)
    await expect(page).toHaveURL('/roles')
    await expect(page.getByRole('heading', { name: 'Roles', level: 1 })).toBeVisible()
    const cookies = await context.cookies(gatehouse.url)
    expect(cookies.find(({ name }) => name.endsWith('gatehouse'))).toMatchObject({ sameSite: 'Strict', httpOnly: true })
    expect(cookies.filter(({ name }) => name.includes('-sso-'))).toEqual([])
  })

  await test.step('new keys of the provider and a recent proof', async () => {
    await provider.rotateKeys()
    letMinutesPass(gatehouse, 'alice', 11)
    await page.goto(`${start}?for=step-up&to=/roles`)
    await expect(page).toHaveURL('/roles')
    await expect(page.getByRole('heading', { name: 'Roles', level: 1 })).toBeVisible()
  })

  await test.step('an answer that comes twice is refused, and says why in the address', async () => {
    const answers: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/callback?')) answers.push(request.url())
    })
    await page.goto(`${start}?to=/roles`)
    await expect(page).toHaveURL('/roles')
    const answer = await page.request.get(answers[0] ?? '')
    expect(await answer.text()).toContain('#sso=sso_expired')
  })

  await test.step('signing out ends the session here, and leads to the provider', async () => {
    const { continueAt } = await browserCall(page)(session.signOut, {})
    expect(continueAt).toContain(issuer)
    await page.goto(continueAt ?? '')
    await page.getByRole('button', { name: /yes/i }).click()
    await expect(page).toHaveURL(`${gatehouse.url}/`)
    await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  })
})
