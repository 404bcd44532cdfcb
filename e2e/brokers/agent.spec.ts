/** The agent of a broker on another host: enrolled with the command of the console, seen, and revoked. */
import { join, resolve } from 'node:path'
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { enforcers } from '@gatehouse/contract/brokers/enforcers'
import { expectAccessible } from '../support/accessibility.ts'
import { openPage } from '../support/actions.ts'
import { enter } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { succeed } from '../support/outside.ts'

const root = resolve(import.meta.dirname, '../..')

/** Runs the command that the console shows. */
function enrol(command: string, folder: string): Promise<string> {
  const [, token = '', address = ''] =
    /^GATEHOUSE_AGENT_TOKEN=(\S+) npm start -- agent enrol (\S+)$/.exec(command) ?? []
  const settingsOfAgent = [`GATEHOUSE_AGENT_TOKEN=${token}`, `GATEHOUSE_AGENT_STATE_DIR=${join(folder, 'agent')}`]
  const program = [join(root, 'node_modules/node/bin/node'), join(root, 'apps/bff/src/agent.ts'), 'enrol', address]
  return succeed('env', [...settingsOfAgent, ...program])
}

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

  expect(await enrol(command, folder)).toContain('enrolled as the agent of hall-2')

  await expect(agent).toContainText('Certificate valid until')
  await expect(agent).not.toContainText('A token of admin waits')
  await agent.getByRole('button', { name: 'Revoke…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByText('Agent of hall-2 revoked.')).toBeVisible()
  await expect(agent).toContainText('No agent is enrolled.')
})

test('the CA of the agents is replaced, and an agent that has not followed is named before it is revoked', async ({
  page,
  call,
  folder,
}) => {
  const { id } = await call(brokers.create, { body: { kind: 'mosquitto-agent', name: 'hall-3' } })
  const { command } = await call(enforcers.enrol, { params: { id } })
  await enrol(command, folder)
  await enter(page)
  await openPage(page, '/brokers/agents', 'Agents')
  await expect(page.getByRole('table', { name: 'Agents' })).toContainText('hall-3')
  const authority = page.getByRole('region', { name: 'CA of the agents' })
  await authority.getByRole('button', { name: 'Replace…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Replace' }).click()
  await expect(authority).toContainText('1 agent has no certificate of the next CA yet.')
  await expectAccessible(page)
  await authority.getByRole('button', { name: 'Complete now…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('hall-3 on')
  await dialog.getByRole('button', { name: 'Complete' }).click()
  await expect(page.getByText('The CA of the agents was replaced.')).toBeVisible()
  await expect(page.getByText('No agents')).toBeVisible()
})
