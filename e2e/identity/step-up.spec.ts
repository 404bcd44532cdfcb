/** Ten minutes after the last proof, every change that gives permissions asks for the password or a code, and keeps what was typed. */
import { roles } from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessibility.ts'
import { expectDone, goTo, openPage } from '../support/actions.ts'
import { browserCall, enter, makeRole, makeUser, topic } from '../support/api.ts'
import { enrol } from '../support/authenticator.ts'
import { expect, test } from '../support/fixtures.ts'
import { expectWrongCode, typeCode } from '../support/second-factor.ts'
import { letMinutesPass } from '../support/time.ts'

const lead = { username: 'lead', password: 'only for this story' }

test('asks for the password or a code before it creates a user, a role or a batch, and then sends what was typed', async ({
  page,
  gatehouse,
  call,
}) => {
  const [administrator = ''] = (await call(users.list, { search: { 'username[eq]': 'admin' } })).items[0]?.roles ?? []
  await makeUser(call, { ...lead, roles: [administrator] })
  const roleId = await makeRole(call, 'line-3-reader', [topic('line-3/#', 'read')])
  const found = async (search: string) => (await call(users.list, { search: { search } })).items
  const proof = page.getByRole('dialog', { name: 'Confirm it is you' })
  const letProofExpire = () => letMinutesPass(gatehouse, lead.username, 11)
  await enter(page, lead)

  await test.step('a user: if declined, nothing is created and nothing typed is lost', async () => {
    await openPage(page, '/users?create=', 'Users')
    const dialog = page.getByRole('dialog', { name: 'Add user' })
    const username = dialog.getByRole('textbox', { name: 'Username', exact: true })
    await username.fill('newcomer')
    await dialog.getByLabel('Password', { exact: true }).fill('chosen for the newcomer')
    letProofExpire()
    await dialog.getByRole('button', { name: 'Create' }).click()
    await expect(proof).toBeVisible()
    await expectAccessible(page)
    await proof.getByRole('button', { name: 'Cancel' }).click()
    await expect(dialog.getByRole('alert')).toContainText('Nothing was changed.')
    expect(await found('newcomer')).toEqual([])
    await expect(username).toHaveValue('newcomer')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await prove(page)
    await expectDone(page, 'User newcomer created.')
    expect(await found('newcomer')).toMatchObject([{ hasPassword: true }])
  })

  await test.step('an import: if declined, it waits at the batch that was not created', async () => {
    await goTo(page, '/users/import', 'Import users')
    await page.getByLabel('Or paste text').fill('username\nhall-1\nhall-2\n')
    await page.getByRole('button', { name: 'Preview' }).click()
    letProofExpire()
    await page.getByRole('button', { name: 'Import 2 users' }).click()
    await proof.getByRole('button', { name: 'Cancel' }).click()
    await expect(page.getByRole('alert').filter({ hasText: 'Lines 2 to 3 were not imported.' })).toBeVisible()
    expect(await found('hall-')).toEqual([])
    await page.getByRole('button', { name: 'Try again' }).click()
    await prove(page)
    await expect(page.getByText('2 users imported.', { exact: true })).toBeVisible()
    expect(await found('hall-')).toHaveLength(2)
  })

  await test.step('a role: a code once there is a second factor', async () => {
    const { app } = await enrol(browserCall(page))
    // A load, because the console does not know of the factor yet.
    await page.goto(`/roles?edit=${roleId}`)
    const dialog = page.getByRole('dialog', { name: 'Edit role' })
    await dialog.getByLabel('Description').fill('may see line 3')
    letProofExpire()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await typeCode(page, await app.wrongCode())
    await expectWrongCode(page)
    expect(await call(roles.view, { params: { id: roleId } })).toMatchObject({ version: 1 })
    await typeCode(page, await app.code())
    await expectDone(page, 'Role line-3-reader updated.')
    expect(await call(roles.view, { params: { id: roleId } })).toMatchObject({ description: 'may see line 3' })
  })
})

async function prove(page: Page): Promise<void> {
  const proof = page.getByRole('dialog', { name: 'Confirm it is you' })
  await proof.getByLabel('Password', { exact: true }).fill(lead.password)
  await proof.getByRole('button', { name: 'Confirm' }).click()
  await expect(proof).toBeHidden()
}
