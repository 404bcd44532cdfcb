/** A device that nobody entered: refused, seen, admitted by a rule that is made from it, deleted, and kept out. */
import { readFile } from 'node:fs/promises'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { chooseAction, expectDone, goTo, openPage } from '../support/actions.ts'
import { enter, makeRole, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { publish } from '../support/mosquitto.ts'
import { makeAuthority, makeDevice } from '../support/openssl.ts'

test('an unknown device is admitted by a rule, and not admitted again after its user was deleted', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const ca = await makeAuthority(folder, 'plant', { commonName: 'Plant CA' })
  await call(authorities.create, { body: { certificates: await readFile(ca.certificate, 'utf8') } })
  await makeRole(call, 'line-3-devices', [topic('line-3/#', 'readWrite')])
  const certificate = await makeDevice(folder, 'press-7', { commonName: 'press-7' }, ca)
  const device = { url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate }
  const send = async () => (await publish(device, 'line-3/press-7/state', 'on')).code

  await test.step('without a rule the broker refuses it, and the page lists it', async () => {
    expect(await send()).not.toBe(0)
    await enter(page)
    await expect(async () => {
      await openPage(page, '/broker/admission-rules', 'Admission rules')
      await expect(page.getByRole('table', { name: 'Unknown devices seen' })).toContainText('press-7')
    }).toPass()
    await expect(page.getByText('No admission rules')).toBeVisible()
  })

  await test.step('a rule that is made from it would admit it, as the preview says', async () => {
    await chooseAction(page, 'press-7', 'Add rule for its CA')
    const dialog = page.getByRole('dialog', { name: 'Add admission rule' })
    await expect(dialog).toContainText('press-*')
    await expect(dialog).toContainText('it would admit 1: press-7.')
    await expect(dialog).toContainText('Without roles the devices connect and may do nothing.')
    await dialog.getByLabel('Name', { exact: true }).fill('Presses')
    await dialog.getByRole('combobox', { name: 'Roles' }).click()
    await page.getByRole('option', { name: 'line-3-devices' }).click()
    await page.keyboard.press('Tab')
    await dialog.getByRole('switch', { name: 'Admit devices' }).click()
    await dialog.getByRole('button', { name: 'Create' }).click()
    await expectDone(page, 'Admission rule Presses is on.')
  })

  await test.step('the broker admits it at once, and says by which rule', async () => {
    expect(await send()).toBe(0)
    await expect(page.getByRole('table', { name: 'Admission rules' })).toContainText('1 of 1,000')
    await goTo(page, '/broker/decisions', 'Decisions')
    const admitted = page.getByRole('list', { name: 'Decisions' }).getByRole('listitem').filter({ hasText: 'Presses' })
    await expect(admitted).toContainText('connected with a certificate issued by Plant CA')
    await goTo(page, '/', 'Overview')
    await page.getByRole('link', { name: '1 device admitted by a rule in 24 hours' }).click()
    await expect(page.getByRole('row').filter({ hasText: 'Device admitted by a rule' })).toContainText('press-7')
  })

  await test.step('after its user was deleted the rule keeps it out until its name is allowed again', async () => {
    const [user] = (await call(users.list, { search: { 'username[eq]': 'press-7' } })).items
    await call(users.remove, { params: { id: user?.id ?? '' } })
    expect(await send()).not.toBe(0)
    await goTo(page, '/broker/denied-devices', 'Admission rules')
    await chooseAction(page, 'press-7', 'Allow again…')
    await page.getByRole('dialog').getByRole('button', { name: 'Allow again' }).click()
    await expectDone(page, 'A rule may admit press-7 again.')
    expect(await send()).toBe(0)
  })
})
