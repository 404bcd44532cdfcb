/** The dialogs of certificates, the broker and the audit: axe finds nothing, and the page fits, in light and dark, on a desk and on a phone. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { audit } from '@gatehouse/contract/operations/audit'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { expectAccessible } from '../support/accessibility.ts'
import { chooseAction, goTo, openPage } from '../support/actions.ts'
import { enter, makeMachine, topic } from '../support/api.ts'
import { dropFiles } from '../support/drop.ts'
import { test } from '../support/fixtures.ts'
import { looksTimeoutMs, makeLooksData, person } from '../support/looks-data.ts'
import { subscribe } from '../support/mosquitto.ts'

test.describe.configure({ timeout: looksTimeoutMs })
test.beforeAll(makeLooksData)

test('the dialogs of client certificates are accessible and fit', async ({ page, call }) => {
  const { id } = await makeMachine(call, 'line-3-oven', [topic('line-3/#', 'read')])
  await enter(page)
  await page.goto(`/users/${id}?tab=certificates`)
  const editing = page.getByRole('region', { name: 'Certificates' })
  await editing.getByRole('button', { name: 'Issue certificate…' }).click()
  const issuing = page.getByRole('dialog', { name: 'Issue certificate' })
  await issuing.getByText('I have a request').click()
  await expectAccessible(page)
  await issuing.getByText('Generate a key here').click()
  await issuing.getByRole('button', { name: 'Issue', exact: true }).click()
  await page.getByRole('dialog', { name: 'Save the certificate and its key' }).waitFor()
  await page.getByRole('button', { name: 'PKCS#12 file' }).click()
  await expectAccessible(page)
  await page.getByLabel('I have saved the key').check()
  await page.getByRole('button', { name: 'Done' }).click()
  await editing.getByRole('button', { name: /^Actions for certificate/ }).click()
  await page.getByRole('menuitem', { name: 'Client setup…' }).click()
  const handing = page.getByRole('dialog', { name: 'Client setup' })
  for (const tab of ['Kubernetes', 'Helm']) {
    await handing.getByRole('tab', { name: tab }).click()
    await expectAccessible(page)
  }
  await goTo(page, '/client-certificates', 'Client certificates')
  await page.getByRole('table', { name: 'Client certificates' }).getByRole('link', { name: 'line-3-oven' }).waitFor()
  await expectAccessible(page)
  await goTo(page, '/authorities', 'Authorities')
  await page.getByRole('link', { name: 'Line 3 Device CA' }).click()
  await page.getByRole('heading', { name: 'Line 3 Device CA', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Download' }).click()
  await page.getByRole('menuitem', { name: 'For Mosquitto, Kubernetes, Helm…' }).click()
  await page.getByRole('region', { name: 'mosquitto.conf' }).waitFor()
  await expectAccessible(page)
})

test('the dialogs of authorities, the broker and the audit are accessible and fit', async ({
  page,
  call,
  gatehouse,
  folder,
}) => {
  const client = subscribe({ url: gatehouse.mqttUrl, ...person, clientId: 'maria' }, ['line-3/#'])
  await client.suback()
  await enter(page)
  await openPage(page, '/authorities', 'Authorities')
  const file = join(folder, 'both.pem')
  const both = [makeAuthority({ subject: 'Fresh CA' }), makeAuthority({ basicConstraints: { isAuthority: false } })]
  await writeFile(file, both.map(({ certificatePem }) => certificatePem).join(''))
  await dropFiles(page, [file])
  await page.getByRole('dialog', { name: 'Upload CA' }).getByRole('button', { name: 'Leave it out' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Choose another file' }).click()
  await expectAccessible(page)
  await goTo(page, '/authorities', 'Authorities')
  await page.getByRole('link', { name: 'Line 3 Device CA' }).click()
  await page.getByRole('heading', { name: 'Line 3 Device CA', level: 1 }).waitFor()
  await expectAccessible(page)

  await goTo(page, '/certificates/check', 'Check a certificate')
  await page.getByLabel('Certificate to check').fill(both[0]?.certificatePem ?? '')
  await page.getByRole('list', { name: 'Checks' }).waitFor()
  await expectAccessible(page)

  await goTo(page, '/revocations?revoke=', 'Revocations')
  await page.getByRole('dialog', { name: 'Revoke certificate' }).waitFor()
  await expectAccessible(page)
  await page.getByText('By serial number').click()
  await expectAccessible(page)

  await goTo(page, '/broker/connections', 'Connections')
  await chooseAction(page, `${person.username}, maria`, 'Disconnect…')
  await page.getByRole('dialog', { name: `Disconnect ${person.username}?` }).waitFor()
  await expectAccessible(page)
  await client.stop()

  const { items } = await call(audit.list, { search: { 'action[eq]': 'user.disabled' } })
  await goTo(page, `/audit?view=${items[0]?.id}`, 'Audit')
  await page.getByRole('dialog', { name: 'User disabled' }).waitFor()
  await expectAccessible(page)
})
