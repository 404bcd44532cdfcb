/** The console asks before an operator's authority could identify a user with more permissions than the operator. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { chooseAction, expectDone, goTo, openPage } from '../support/actions.ts'
import { browserCall, enter, makeMachine, makePerson, makeRole, path, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'

const operator = { username: 'olga', password: 'a long password for olga' }

test.use({ expectedErrors: [/422/] })

test('creates such a user without the authority, and deletes the operator with the authority confirmed', async ({
  page,
  call,
  openBrowser,
}) => {
  const area5 = makeAuthority({ subject: 'Area 5' })
  await makePerson(call, operator, [path('/api/authorities/#', 'readWrite'), topic('area5/#', 'readWrite')])
  const role = 'plant-operator'
  await makeRole(call, role, [topic('plant/#', 'readWrite')])
  await makeMachine(call, 'area5-oven', [topic('area5/oven/#', 'readWrite')])
  const hers = await openBrowser()
  await enter(hers, operator)
  await browserCall(hers)(authorities.create, { body: { certificates: area5.certificatePem, usernames: ['area5-*'] } })

  await enter(page)
  await openPage(page, '/users?create=area5-lead', 'Users')
  const dialog = page.getByRole('dialog', { name: 'Add user' })
  await dialog.getByRole('combobox', { name: 'Roles' }).click()
  await page.getByRole('option', { name: role }).click()
  await page.keyboard.press('Escape')
  await dialog.getByRole('button', { name: 'Create' }).click()
  const question = page.getByRole('dialog', { name: 'Allow this CA?' })
  await expect(question).toContainText('Area 5 allows area5-lead.')
  await expect(question.getByRole('button', { name: 'Refuse' })).toBeFocused()
  // Closed without an answer: nothing was created, and the form is still open.
  await page.keyboard.press('Escape')
  await expect(question).toBeHidden()
  await expect(dialog).toContainText('A CA would no longer sign in a user.')
  expect((await call(users.list, { search: { search: 'area5-lead' } })).items).toEqual([])
  await dialog.getByRole('button', { name: 'Create' }).click()
  await question.getByRole('button', { name: 'Refuse' }).click()
  await expectDone(page, 'User area5-lead created.')

  await goTo(page, '/users?search=olga', 'Users')
  await chooseAction(page, 'olga', 'Delete…')
  const deletion = page.getByRole('dialog', { name: 'Delete olga?' })
  await deletion.getByRole('button', { name: 'Delete' }).click()
  await expect(question).toContainText('area5-oven')
  await question.getByRole('button', { name: 'Allow' }).click()
  await expectDone(page, 'User olga deleted.')
  const { items } = await call(audit.list, { search: { 'action[eq]': 'authority.confirmed' } })
  expect(items[0]?.after).toEqual({ users: 1, usernames: ['area5-oven'] })

  await goTo(page, `/authorities/${area5.fingerprint}`, 'Area 5')
  const details = page.getByRole('main')
  await expect(details).toContainText('The person who set this limit was deleted.')
  await details.getByRole('button', { name: 'Confirm…' }).click()
  await page
    .getByRole('dialog', { name: 'Confirm the limit of Area 5?' })
    .getByRole('button', { name: 'Confirm' })
    .click()
  await expectDone(page, 'You have confirmed the limit of Area 5.')
  await expect(details).not.toContainText('The person who set this limit was deleted.')
})
