/** The folder of a Mosquitto broker is dropped, previewed and imported; a user signs in with its old password. */
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { users } from '@gatehouse/contract/identity/users'
import { openPage } from '../support/actions.ts'
import { enter, makeMachine } from '../support/api.ts'
import { dropFiles } from '../support/drop.ts'
import { expect, test } from '../support/fixtures.ts'
import { publish } from '../support/mosquitto.ts'
import { makeModernAuthority } from '../support/openssl.ts'
import { isInstalled } from '../support/outside.ts'

test.beforeEach(({ page }) => enter(page))

const conf = [
  'listener 1883',
  'password_file /etc/mosquitto/passwd',
  'acl_file /etc/mosquitto/acl',
  'cafile /etc/mosquitto/certs/plant-cert.pem',
  '',
].join('\n')

const acl = [
  ...['mill-01', 'mill-02', 'mill-03'].flatMap((username) => [`user ${username}`, 'topic write mills/state']),
  'pattern read mills/%c/#',
  'user mill-03',
  'topic read mills/#',
  'topic deny mills/recipe',
  '',
].join('\n')

/** As `mosquitto_passwd` writes it, with its own program. */
async function makeFolder(folder: string): Promise<string> {
  const root = join(folder, 'mosquitto')
  await mkdir(join(root, 'certs'), { recursive: true })
  await makeModernAuthority(join(root, 'certs'), 'plant', 'Mills CA')
  await writeFile(join(root, 'mosquitto.conf'), conf)
  await writeFile(join(root, 'acl'), acl)
  await writeFile(join(root, 'passwd'), '')
  for (const username of ['mill-01', 'mill-02', 'mill-03', 'mill-04']) {
    execFileSync('mosquitto_passwd', ['-b', join(root, 'passwd'), username, `old one of ${username}`], {
      stdio: 'pipe',
    })
  }
  return root
}

test('imports a dropped folder after a preview of everything that is lost', async ({
  page,
  call,
  gatehouse,
  folder,
}) => {
  test.skip(!isInstalled('mosquitto_passwd'), 'mosquitto is not installed')
  await makeMachine(call, 'mill-04')
  const given = await makeFolder(folder)
  await openPage(page, '/users/import', 'Import users')
  await page.getByRole('link', { name: 'Import from the files of a Mosquitto broker instead' }).click()
  await expect(page.getByRole('heading', { name: 'Import from Mosquitto' })).toBeVisible()
  await dropFiles(page, [given])

  await expect(page.getByText('Ready: 3 users, 1 new role, 1 CA certificate')).toBeVisible()
  await expect(page.getByText(/private key: .*plant/)).toBeVisible()
  const byClientId = page.getByRole('table', { name: 'Permissions by client id (%c) are not possible.' })
  await expect(byClientId).toContainText('acl:7')
  const denied = page.getByRole('table', { name: /^A part of an allowed topic is denied/ })
  await expect(denied).toContainText('topic deny mills/recipe')
  await expect(denied).toContainText('mill-03')
  // The box changes when the preview is made again, which the table shows.
  await page.getByRole('checkbox', { name: 'Allow topics as a whole of which only a part is denied' }).click()
  await expect(page.getByRole('table', { name: /The whole topic is allowed/ })).toContainText('mill-03')
  await expect(page.getByRole('table', { name: 'A user of this name exists' })).toContainText('mill-04')
  expect((await call(users.list, { search: { search: 'mill-' } })).total).toBe(1)

  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByText('Imported: 3 users, 1 new role, 1 CA certificate, 0 CRLs.')).toBeVisible()
  await page.getByRole('button', { name: 'View users' }).click()
  await expect(page.getByText('mill-01')).toBeVisible()

  const login = { url: gatehouse.mqttUrl, username: 'mill-01', password: 'old one of mill-01' }
  expect(await publish(login, 'mills/state', 'running')).toMatchObject({ code: 0, connack: 0 })
})
