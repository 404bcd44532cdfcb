/** The agent of a broker on another host: enrolled with the command of the console, seen, and revoked. */
import { join, resolve } from 'node:path'
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { openPage } from '../support/actions.ts'
import { enter } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { succeed } from '../support/outside.ts'

const root = resolve(import.meta.dirname, '../..')

test('the command that is shown once enrols an agent, which can be revoked', async ({ page, call, folder }) => {
  const settings = { ports: { certificate: 8883, password: null } }
  const { id } = await call(brokers.create, { body: { kind: 'mosquitto-agent', name: 'hall-2', settings } })
  await enter(page)
  await openPage(page, `/brokers/${id}`, 'hall-2')
  const agent = page.getByRole('region', { name: 'Agent' })
  await expect(agent).toContainText('No agent is enrolled.')
  await agent.getByRole('button', { name: 'Enrol…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Enrol an agent' })
  const command = await dialog.getByText(/^GATEHOUSE_AGENT_TOKEN=ghe_/).innerText()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(agent).toContainText('A token of admin waits for an agent.')

  const [, token = '', address = ''] =
    /^GATEHOUSE_AGENT_TOKEN=(\S+) npm start -- agent enrol (\S+)$/.exec(command) ?? []
  const settingsOfAgent = [`GATEHOUSE_AGENT_TOKEN=${token}`, `GATEHOUSE_AGENT_STATE_DIR=${join(folder, 'agent')}`]
  const program = [join(root, 'node_modules/node/bin/node'), join(root, 'apps/bff/src/agent.ts'), 'enrol', address]
  expect(await succeed('env', [...settingsOfAgent, ...program])).toContain('enrolled as the agent of hall-2')

  await expect(agent).toContainText('Certificate valid until')
  await expect(agent).not.toContainText('A token of admin waits')
  await agent.getByRole('button', { name: 'Revoke…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByText('Agent of hall-2 revoked.')).toBeVisible()
  await expect(agent).toContainText('No agent is enrolled.')
})
