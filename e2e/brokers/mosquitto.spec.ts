/** A Mosquitto on this machine is added in the console, and enforces each decision; with `--all` also after both were killed. */
import { readFile } from 'node:fs/promises'
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import type { Call } from '@gatehouse/contract/client'
import { type UserUpdate, users } from '@gatehouse/contract/identity/users'
import type { Page } from '@playwright/test'
import { admin, expectDone, expectRefusedInTls, openPage } from '../support/actions.ts'
import { enter, makeMachine, scriptCall, topic } from '../support/api.ts'
import { test as base, expect } from '../support/fixtures.ts'
import { isAll } from '../support/long-run.ts'
import { type Login, type MosquittoEvent, subscribe } from '../support/mosquitto.ts'
import { controlUser, type MosquittoBroker, makeMosquitto } from '../support/mosquitto-broker.ts'
import { fingerprintOf, type KeyPair, makeDevice, makeModernAuthority, makeRevocationList } from '../support/openssl.ts'
import { isInstalled, succeed } from '../support/outside.ts'
import { startGatehouse } from '../support/server.ts'

/** The application may write the files of this Mosquitto, which does not run yet. */
const test = base.extend<{ mosquitto: MosquittoBroker }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads from this pattern what a fixture needs
  mosquitto: async ({}, use) => {
    const mosquitto = await makeMosquitto()
    await use(mosquitto)
    await mosquitto.remove()
  },
  gatehouse: async ({ mosquitto }, use) => {
    const settings = { GATEHOUSE_ADMIN_PASSWORD: admin.password, GATEHOUSE_BROKER_FOLDERS: mosquitto.folder }
    const gatehouse = await startGatehouse(settings)
    await use(gatehouse)
    await gatehouse.remove()
  },
  call: async ({ gatehouse }, use) => use(await scriptCall(gatehouse.url, admin)),
})

test.skip(!isInstalled('mosquitto'), 'not installed: mosquitto')

test('a Mosquitto admits a device until its grant, its CA or its user is taken away', async ({
  page,
  gatehouse,
  call,
  folder,
  mosquitto,
}) => {
  const plant = await makePlant(call, folder)
  await plant.trust()
  const { id: userId } = await makeMachine(call, 'press-7', [topic('line-3/#', 'readWrite')])
  const update = (body: UserUpdate) => call(users.update, { params: { id: userId }, body })

  await enter(page)
  const id = await addBroker(page, mosquitto)
  await page.getByRole('button', { name: 'Write the file' }).click()
  await expectDone(page, '1 user written. Start Mosquitto now.')
  await mosquitto.start()
  const applied = () => expect.poll(async () => (await call(brokers.view, { params: { id } })).lag).toBe(0)
  const state = page.getByRole('region', { name: 'State' })
  await expect(state).toContainText('all applied')
  await page.getByRole('button', { name: 'Run test' }).click()
  const steps = page.getByRole('list', { name: 'Steps of the test' }).getByRole('listitem')
  await expect(steps.filter({ hasText: 'passed' })).not.toHaveCount(0)
  await expect(steps.filter({ hasText: 'failed' })).toHaveCount(0)

  const login = plant.loginAt(mosquitto)
  await endsConnection(login, () => update({ grantTypes: [] }))
  await applied()
  await expect.poll(() => codesOf(login)).toEqual([refusedCode])
  await update({ grantTypes: [{ method: 'certificate' }] })
  await applied()

  await endsConnection(login, () => call(authorities.remove, { params: { fingerprint: plant.fingerprint } }))
  await applied()
  await expectRefusedInTls(login)
  await plant.trust()
  await applied()

  if (isAll) {
    await page.goto('about:blank')
    await endsConnection(login, () => mosquitto.end('SIGKILL'))
    await update({ disabled: true })
    await gatehouse.kill9()
    await mosquitto.start()
    await gatehouse.start()
    await openPage(page, `/brokers/${id}`, 'hall-2')
  } else {
    await endsConnection(login, () => update({ disabled: true }))
  }
  await applied()
  await expect(state).toContainText('all applied')
  await expect.poll(() => codesOf(login)).toEqual([refusedCode])
  await update({ disabled: false })
  await expect.poll(() => codesOf(login)).toEqual([grantedCode])

  await undoForeignRole(page, mosquitto)
})

const grantedCode = 0
const refusedCode = 128

/** A CA with a device, `press-7`. */
async function makePlant(call: Call, folder: string) {
  const authority = await makeModernAuthority(folder, 'plant', 'Plant CA')
  const certificate: KeyPair = await makeDevice(folder, 'press-7', { commonName: 'press-7' }, authority)
  const fingerprint = await fingerprintOf(authority.certificate)
  const list = await makeRevocationList(folder, 'plant', authority, { revoked: [], number: '01' })
  return {
    fingerprint,
    /** Adds the CA and its CRL, without which Mosquitto refuses all its certificates. */
    trust: async () => {
      await call(authorities.create, { body: { certificates: await readFile(authority.certificate, 'utf8') } })
      await call(revocationLists.create, { params: { fingerprint }, body: { crl: await readFile(list, 'utf8') } })
    },
    loginAt: ({ ports, caFile }: MosquittoBroker): Login => {
      return { url: `mqtts://127.0.0.1:${ports.certificate}`, caFile, certificate }
    },
  }
}

/** Fills in the dialog. Returns the id of the new broker. */
async function addBroker(page: Page, { ports, ...files }: MosquittoBroker): Promise<string> {
  await openPage(page, '/brokers', 'Brokers')
  await page.getByRole('button', { name: 'Add broker' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add broker' })
  await dialog.getByRole('combobox', { name: 'Kind' }).click()
  await page.getByRole('option', { name: 'Mosquitto on this machine' }).click()
  await expect(dialog.getByRole('switch', { name: 'TLS' })).not.toBeChecked()
  const values = {
    Name: 'hall-2',
    Port: String(ports.control),
    Username: controlUser.username,
    Password: controlUser.password,
    'Port for certificates': String(ports.certificate),
    'Port for passwords': String(ports.password),
    'Folder of CA certificates': files.capath,
    'CRL file': files.crlFile,
    'PID file': files.pidFile,
    'File of dynamic-security': files.dynsecFile,
  }
  for (const [name, value] of Object.entries(values)) {
    await dialog.getByLabel(name, { exact: true }).fill(value)
  }
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'hall-2', level: 1 })).toBeVisible()
  return new URL(page.url()).pathname.split('/').at(-1) ?? ''
}

type Answer = Extract<MosquittoEvent, { kind: 'suback' | 'exit' | 'error' }>

function isAnswer(event: MosquittoEvent): event is Answer {
  return event.kind === 'suback' || event.kind === 'exit' || event.kind === 'error'
}

/** The codes of a new subscription. None: the broker refused the connection. */
async function codesOf(login: Login): Promise<number[]> {
  const device = subscribe(login, ['line-3/#'])
  try {
    const answer = await device.timeline.until('answer', isAnswer)
    return answer.kind === 'suback' ? answer.codes : []
  } finally {
    await device.stop()
  }
}

/** Connects the device, decides, and waits until the connection has ended. */
async function endsConnection(login: Login, decide: () => Promise<unknown>): Promise<void> {
  // Mosquitto handles the signal after a change of CAs in its own time.
  await expect.poll(() => codesOf(login)).toEqual([grantedCode])
  const device = subscribe(login, ['line-3/#'])
  expect(await device.suback()).toEqual([grantedCode])
  await decide()
  await device.ended()
  await device.stop()
}

/** Another program makes a role. The console names it, and deletes it on demand. */
async function undoForeignRole(page: Page, { ports }: MosquittoBroker): Promise<void> {
  const server = ['-h', '127.0.0.1', '-p', String(ports.control)]
  const login = ['-u', controlUser.username, '-P', controlUser.password]
  await succeed('mosquitto_ctrl', [...server, ...login, 'dynsec', 'createRole', 'everything'])
  const others = page.getByRole('region', { name: 'Changes of others' })
  await page.getByRole('button', { name: 'Compare now' }).click()
  await expect(others).toContainText('everything')
  await others.getByRole('button', { name: 'Undo…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(others).toContainText('are as Gatehouse wrote them')
}
