/** A CA on the listeners of a Cedalo broker, which a fake plays: deployed, removed although the broker refuses, and forgotten. */
import { readFile } from 'node:fs/promises'
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { openPage } from '../support/actions.ts'
import { enter } from '../support/api.ts'
import { type FakeCedalo, startCedalo } from '../support/cedalo.ts'
import { expect, test } from '../support/fixtures.ts'
import { makeAuthority } from '../support/openssl.ts'

let cedalo: FakeCedalo
test.beforeAll(async () => {
  cedalo = await startCedalo()
})
test.afterAll(() => cedalo.stop())

test('a CA is deployed on the listeners that are ticked, and forgotten where the broker refuses its removal', async ({
  page,
  call,
  folder,
}) => {
  const place = { host: '127.0.0.1', port: cedalo.port, tls: false, username: 'gatehouse', password: 'a secret' }
  const settings = { listeners: [] }
  const { id } = await call(brokers.create, { body: { kind: 'cedalo', name: 'hall-3', ...place, settings } })
  const { certificate } = await makeAuthority(folder, 'plant', { commonName: 'Plant CA' })
  const { added } = await call(authorities.create, { body: { certificates: await readFile(certificate, 'utf8') } })
  await expect.poll(async () => (await call(brokers.view, { params: { id } })).state.reachable).toBe(true)
  await enter(page)
  await openPage(page, `/authorities/${added[0]?.fingerprint}`, 'Plant CA')
  const deployed = page.getByRole('region', { name: 'Deployed on Cedalo brokers' })
  await expect(deployed).toContainText('Not deployed.')
  await deployed.getByRole('button', { name: 'Deploy…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Deploy CA' })
  const listener = dialog.getByRole('checkbox', { name: 'Port 8883 (mqtt, listener 2)' })
  await expect(dialog.getByRole('checkbox', { name: 'Port 1883' })).toBeDisabled()
  await listener.check()
  await dialog.getByRole('button', { name: 'Apply on hall-3' }).click()
  await expect(dialog.getByRole('list', { name: 'Listeners of hall-3' })).toContainText('deployed')
  expect(await cedalo.refuseDeletions('Permission denied')).toEqual(new Map([[2, 1]]))

  await listener.uncheck()
  await dialog.getByRole('button', { name: 'Apply on hall-3' }).click()
  await expect(dialog).toContainText('being removed')
  await expect(dialog).toContainText('The broker says: Permission denied')
  await dialog.getByRole('button', { name: 'Close' }).last().click()

  await openPage(page, `/brokers/${id}`, 'hall-3')
  const there = page.getByRole('region', { name: 'Deployed CAs' })
  await expect(there).toContainText('Plant CA')
  await there.getByRole('button', { name: 'Forget Plant CA on listener 2 of hall-3' }).click()
  await page.getByRole('dialog', { name: 'Forget Plant CA on hall-3?' }).getByRole('button', { name: 'Forget' }).click()
  await expect(page.getByText('Plant CA is no longer listed for hall-3.')).toBeVisible()
  await expect(there).toContainText('None.')
})
