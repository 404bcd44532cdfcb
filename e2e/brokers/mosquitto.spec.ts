/** A real Mosquitto is added in the console: what is decided there holds on it, also after both were killed. */
import { readFile } from 'node:fs/promises'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { type UserUpdate, users } from '@gatehouse/contract/identity/users'
import { admin, enterCredentials } from '../support/actions.ts'
import { makeMachine, scriptCall, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'
import { brokerUser, makeMosquitto } from '../support/mosquitto-broker.ts'
import { fingerprintOf, makeDevice, makeModernAuthority, makeRevocationList } from '../support/openssl.ts'
import { succeed } from '../support/outside.ts'
import { startGatehouse } from '../support/server.ts'

test('a Mosquitto lets a device in until its grant, its CA or its user is taken away', async ({ page, folder }) => {
  const broker = await makeMosquitto(folder)
  const settings = { GATEHOUSE_ADMIN_PASSWORD: admin.password, GATEHOUSE_BROKER_FOLDERS: broker.shared }
  const gatehouse = await startGatehouse(settings)
  try {
    const call = await scriptCall(gatehouse.url, admin)
    const plant = await makeModernAuthority(folder, 'plant', 'Plant CA')
    const press = await makeDevice(folder, 'press-7', { commonName: 'press-7' }, plant)
    const fingerprint = await fingerprintOf(plant.certificate)
    const list = await makeRevocationList(folder, 'plant', plant, { revoked: [], number: '01' })
    const trustPlant = async () => {
      await call(authorities.create, { body: { certificates: await readFile(plant.certificate, 'utf8') } })
      await call(revocationLists.create, { params: { fingerprint }, body: { crl: await readFile(list, 'utf8') } })
    }
    await trustPlant()
    const { id } = await makeMachine(call, 'press-7', [topic('line-3/#', 'readWrite')])

    await page.goto(`${gatehouse.url}/brokers?create=`)
    await enterCredentials(page, admin)
    const dialog = page.getByRole('dialog', { name: 'Add broker' })
    await dialog.getByLabel('Name', { exact: true }).fill('hall-2')
    await dialog.getByLabel('Host').fill('127.0.0.1')
    await dialog.getByLabel('Port', { exact: true }).fill(String(broker.ports.control))
    await dialog.getByText('TLS', { exact: true }).click()
    await dialog.getByLabel('Username').fill(brokerUser.username)
    await dialog.getByRole('textbox', { name: 'Password' }).fill(brokerUser.password)
    await dialog.getByLabel('Port for certificates').fill(String(broker.ports.certificate))
    await dialog.getByLabel('Port for passwords').fill(String(broker.ports.password))
    await dialog.getByLabel('Folder of CA certificates').fill(broker.capath)
    await dialog.getByLabel('CRL file').fill(broker.crlFile)
    await dialog.getByLabel('PID file').fill(broker.pidFile)
    await dialog.getByLabel('File of dynamic-security').fill(broker.dynsecFile)
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'hall-2' })).toBeVisible()
    const address = page.url()

    await page.getByRole('button', { name: 'Write the file' }).click()
    await expect(page.getByText('1 user written. Start Mosquitto now.')).toBeVisible()
    await broker.start()
    const state = page.getByRole('region', { name: 'State' })
    await expect(state).toContainText('up to date')
    await page.getByRole('button', { name: 'Run test' }).click()
    const steps = page.getByRole('list', { name: 'Steps of the test' }).getByRole('listitem')
    await expect(steps.filter({ hasText: 'failed' })).toHaveCount(0)
    await expect(steps.filter({ hasText: 'passed' })).not.toHaveCount(0)

    const url = `mqtts://localhost:${broker.ports.certificate}`
    const connect = () => subscribe({ url, caFile: broker.caFile, certificate: press }, ['line-3/#'])
    /** The device is connected. Returns how long the connection lasts after `decide`, in milliseconds. */
    const endsAfter = async (decide: () => Promise<unknown>) => {
      const device = connect()
      expect(await device.suback()).toEqual([0])
      const decidedAt = Date.now()
      await decide()
      const ended = (await device.ended()) - decidedAt
      await device.stop()
      return ended
    }
    const refused = async () => {
      const device = connect()
      expect(await device.suback()).toEqual([135])
      await device.stop()
    }

    const update = (body: UserUpdate) => call(users.update, { params: { id }, body })
    const grant = [{ method: 'certificate' as const }]
    const seconds = await endsAfter(() => update({ grantTypes: [] }))
    test.info().annotations.push({ type: 'grant taken, until the connection ended', description: `${seconds} ms` })
    await refused()
    await update({ grantTypes: grant })

    await endsAfter(() => call(authorities.remove, { params: { fingerprint } }))
    const device = connect()
    expect((await device.exit()).code).not.toBe(0)
    await trustPlant()

    await endsAfter(async () => {
      await broker.kill('SIGKILL')
      await update({ disabled: true })
      await gatehouse.kill9()
    })
    await broker.start()
    await gatehouse.start()
    await page.goto(address)
    await expect(state).toContainText('up to date')
    await refused()
    await update({ disabled: false })
    const back = connect()
    expect(await back.suback()).toEqual([0])
    await back.stop()

    const server = ['-h', '127.0.0.1', '-p', String(broker.ports.control), '-u', brokerUser.username]
    const login = [...server, '-P', brokerUser.password]
    await succeed('mosquitto_ctrl', [...login, 'dynsec', 'createRole', 'everything'])
    await page.getByRole('button', { name: 'Compare now' }).click()
    const others = page.getByRole('region', { name: 'Changes of others' })
    await expect(others).toContainText('everything')
    await others.getByRole('button', { name: 'Undo…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Undo', exact: true }).click()
    await expect(others).toContainText('are as Gatehouse wrote them')
  } finally {
    await broker.kill('SIGKILL')
    await gatehouse.remove()
  }
})
