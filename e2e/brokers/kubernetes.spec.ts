/** The commands for a Mosquitto in Kubernetes, and what the console says when its secret is behind. */
import { readFile } from 'node:fs/promises'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { chooseAction, openPage } from '../support/actions.ts'
import { enter } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { makeAuthority } from '../support/openssl.ts'

test('the commands have the names of the cluster, and the pages say when the applied secret lacks a CA', async ({
  page,
  call,
  folder,
}) => {
  await enter(page)
  await openPage(page, '/broker/listeners', 'Listeners')
  await chooseAction(page, 'mqtts', 'Kubernetes…')
  const dialog = page.getByRole('dialog', { name: 'Kubernetes' })
  await dialog.getByLabel('Namespace').fill('Hall 2')
  await expect(dialog).toContainText('as Kubernetes names things')
  await dialog.getByLabel('Namespace').fill('hall-2')
  const commands = dialog.getByRole('region', { name: 'Secret with the client CAs', exact: true })
  await expect(commands).toContainText('NAMESPACE=hall-2')
  await expect(commands).toContainText('create secret generic mosquitto-client-ca')
  await expect(dialog).not.toContainText('PRIVATE KEY')
  const download = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Save: Helm values' }).click()
  expect((await download).suggestedFilename()).toBe('gatehouse-mtls-values.yaml')
  await dialog.getByRole('button', { name: 'Mark as applied' }).click()
  await expect(dialog).toContainText('up to date')
  await dialog.getByRole('button', { name: 'Close' }).last().click()

  const { certificate } = await makeAuthority(folder, 'late', { commonName: 'Late CA' })
  await call(authorities.create, { body: { certificates: await readFile(certificate, 'utf8') } })
  await openPage(page, '/authorities', 'Authorities')
  const behind = page.getByRole('list', { name: 'Secrets in Kubernetes that are behind' })
  await expect(behind).toContainText('The secret of mqtts in Kubernetes is 1 change behind: 1 CA is missing.')
  await behind.getByRole('button', { name: 'Show commands' }).click()
  await expect(dialog.getByRole('region', { name: 'Replace the client CAs' })).toContainText('kubectl replace -f -')
  await dialog.getByRole('button', { name: 'Mark as applied' }).click()
  await expect(behind).toBeHidden()
})
