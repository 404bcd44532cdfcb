/**
 * Checks a certificate in the browser, follows the links to correct what is missing, and compares with a real client.
 */
import { readFile } from 'node:fs/promises'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { certificates } from '@gatehouse/contract/certificates/check'
import type { Page } from '@playwright/test'
import { expectDone, expectRefusal, goTo, openAdvanced, openPage } from '../support/actions.ts'
import { browserCall, enter, makePerson, path } from '../support/api.ts'
import { dropFiles } from '../support/drop.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'
import { makeAuthority, makeDevice } from '../support/openssl.ts'

const heading = 'Check a certificate'

function checkLine(page: Page, label: string) {
  return page.getByRole('list', { name: 'Checks' }).getByRole('listitem').filter({ hasText: label }).first()
}

test('from refused to admitted by following the links, as the client sees it', async ({
  page,
  gatehouse,
  call,
  folder,
}) => {
  const authority = await makeAuthority(folder, 'plant', { commonName: 'Plant CA' })
  const certificate = await makeDevice(folder, 'scale', { commonName: 'line-7-scale' }, authority, 'ECDSA P-256')
  const pem = await readFile(certificate.certificate, 'utf8')
  const connect = () => subscribe({ url: gatehouse.mqttsUrl, caFile: gatehouse.authorityFile, certificate }, ['a'])
  const verdict = page.getByRole('status').filter({ hasText: /Refused|Admitted/ })

  await enter(page)
  await page.goto('/')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: heading }).click()
  await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible()
  await dropFiles(page, [certificate.certificate])
  await expect(verdict).toContainText('Refused in the TLS handshake')
  await expect(verdict).toContainText('No trusted CA signed this certificate.')
  await expect(checkLine(page, 'Format')).toContainText('X.509 v1, ECDSA P-256, 1 certificate')
  await expect(checkLine(page, 'Validity')).toContainText('not checked')
  await verdict.getByRole('link', { name: 'Upload CA' }).click()
  await expect(page.getByRole('dialog', { name: 'Upload CA' })).toBeVisible()
  await call(authorities.create, { body: { certificates: await readFile(authority.certificate, 'utf8') } })

  // Going back keeps the certificate and checks it against the current trust store.
  await page.goBack()
  await expect(verdict).toContainText('Refused with CONNACK 5')
  await expect(verdict).toContainText('Unknown user. The certificate names line-7-scale.')
  expect(await connack(connect())).toBe(5)
  await verdict.getByRole('link', { name: 'Add line-7-scale' }).click()
  const adding = page.getByRole('dialog', { name: 'Add device' })
  await expect(adding.getByLabel('Username')).toHaveValue('line-7-scale')
  await adding.getByRole('button', { name: 'Create' }).click()
  await expectDone(page, 'User line-7-scale created.')

  await goTo(page, '/certificates/check', heading)
  await page.getByLabel('Certificate to check').fill(pem)
  await expect(verdict).toContainText('Admitted as line-7-scale')
  await expect(verdict).toContainText('This user may neither subscribe nor publish')
  expect(await connack(connect())).toBe(0)

  await verdict.getByRole('link', { name: 'Edit line-7-scale' }).click()
  const editing = page.getByRole('dialog', { name: 'Edit user' })
  await editing.getByRole('switch', { name: 'Advanced mode' }).check()
  await editing.getByRole('switch', { name: 'Certificate' }).uncheck()
  await editing.getByRole('button', { name: 'Save' }).click()
  await expectDone(page, 'User line-7-scale updated.')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: heading }).click()
  await expect(verdict).toContainText('this user may not sign in with a certificate')
  await expect(checkLine(page, 'Certificate sign-in')).toContainText('failed')
  expect(await connack(connect())).toBe(5)
})

test('shows in Edit user to whom a certificate belongs', async ({ page, folder, call }) => {
  const authority = await makeAuthority(folder, 'other', { commonName: 'Other CA' })
  const certificate = await makeDevice(
    folder,
    'other-device',
    { commonName: 'somebody-else' },
    authority,
    'ECDSA P-256',
  )
  await makePerson(call, { username: 'line-8-scale', password: 'only for this story' })
  await enter(page)
  const editing = await openAdvanced(page, 'line-8-scale')
  await editing.getByRole('switch', { name: 'Certificate' }).check()
  await editing.getByText('Check a certificate of line-8-scale').click()
  await editing.getByLabel('Certificate to check').fill(await readFile(certificate.certificate, 'utf8'))
  await expect(editing).toContainText('This is not a certificate of line-8-scale. Its Common Name is somebody-else.')
  await expect(editing.getByRole('list', { name: 'Checks' }).getByRole('listitem')).toHaveCount(14)
})

test('keeps a private key in the browser, and refuses a caller without the permission', async ({
  page,
  folder,
  call,
}) => {
  const authority = await makeAuthority(folder, 'third', { commonName: 'Third CA' })
  const key = await readFile(authority.key, 'utf8')
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.postData() ?? ''))
  await enter(page)
  await openPage(page, '/certificates/check', heading)
  await page.getByLabel('Certificate to check').fill(key)
  await expect(page.getByRole('alert')).toContainText('It stayed in this browser')
  await expect(page.getByLabel('Certificate to check')).toHaveValue('')
  expect(asked.filter((body) => body.includes('PRIVATE KEY'))).toEqual([])

  const clerk = { username: 'clerk', password: 'only for this story' }
  await makePerson(call, clerk, [path('/api/users/#', 'readWrite')])
  await page.context().clearCookies()
  await enter(page, clerk)
  await page.goto('/')
  await expect(page.getByRole('link', { name: 'People', exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: heading })).toHaveCount(0)
  await expectRefusal(browserCall(page)(certificates.check, { body: { certificates: 'x' } }), 'not_permitted')
})

async function connack(client: ReturnType<typeof subscribe>): Promise<number> {
  const code = await client.connack()
  await client.stop()
  return code
}
