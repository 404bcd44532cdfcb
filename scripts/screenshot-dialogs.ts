/** The dialogs, menus and states that `npm run screenshots` takes pictures of. */
import { topics } from '../packages/contract/src/brokers/topics.ts'
import { audit } from '../packages/contract/src/operations/audit.ts'
import { at, chooseAction, open, openDrawer, type Scene } from './screenshot-scene.ts'

export const dialogs: Scene[] = [
  at('user-create', '/users?create='),
  at('device-create', '/devices?create='),
  at('role-create', '/roles?create='),
  at('authority-upload', '/authorities?upload='),
  at('built-in-replace', '/authorities/built-in?replace='),
  at('revoke', '/revocations?revoke='),
  at('token-create', '/account/tokens?create='),
  {
    name: 'admission-rule-create',
    show: ({ page, plant }) => open(page, `/broker/admission-rules?create=press-12&authority=${plant.authority}`),
  },
  {
    name: 'admission-rule-edit',
    show: ({ page, plant }) => open(page, `/broker/admission-rules?edit=${plant.ruleId}`),
  },
  at('listener-create', '/broker/listeners?create='),
  at('broker-create', '/brokers?create='),
  at('upstream-create', '/broker/upstreams?create='),
  {
    name: 'listener-edit',
    show: ({ page, plant }) => open(page, `/broker/listeners?edit=${plant.listenerId}`),
  },
  {
    name: 'listener-delete',
    show: ({ page, say }) => chooseAction({ page, say }, '/broker/listeners', 'Delete…'),
  },
  {
    name: 'kubernetes',
    async show({ page, say }) {
      await chooseAction({ page, say }, '/broker/listeners', 'Kubernetes…')
      await page.getByRole('dialog').getByRole('tab').first().waitFor()
    },
  },
  {
    name: 'topics',
    async show({ page, plant }) {
      await open(page, '/broker/topics?topic=line-3/press-1/state')
      await page.getByRole('treeitem').first().waitFor()
      await plant.call(topics.publish, { body: { topic: 'line-3/press-1/cycle', payload: '{"part":414}' } })
      await page.getByText('{"part":414}').first().waitFor()
    },
  },
  {
    name: 'topics-none',
    async show({ page, say }) {
      await open(page, '/broker/topics?filter=nothing/here')
      await page.getByRole('heading', { name: say('No messages yet') }).waitFor()
    },
  },
  {
    name: 'topics-tree',
    async show({ page }) {
      await open(page, '/broker/topics')
      await page.getByRole('treeitem').first().waitFor()
    },
  },
  {
    name: 'publish',
    async show({ page, say }) {
      await open(page, '/broker/topics')
      await page.getByRole('button', { name: say('Publish…') }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'retained-json',
    async show({ page }) {
      await open(page, '/broker/retained?topic=line-3/press-1/state')
      await page.getByRole('dialog').locator('pre').waitFor()
    },
  },
  {
    name: 'retained-hex',
    async show({ page }) {
      await open(page, '/broker/retained?topic=line-3/press-1/state')
      await page.getByRole('dialog').getByText('Hex', { exact: true }).click()
    },
  },
  {
    name: 'mqtt-limits',
    async show({ page }) {
      await open(page, '/broker/sessions')
      await page.locator('main summary').click()
    },
  },
  {
    name: 'user-edit',
    async show({ page, plant, say }) {
      await open(page, `/users/${plant.deviceId}?edit=`)
      await page.getByRole('switch', { name: say('Advanced mode') }).check({ force: true })
    },
  },
  { name: 'role-edit', show: ({ page, plant }) => open(page, `/roles/${plant.roleId}?edit=`) },
  {
    name: 'audit-event',
    async show({ page, plant }) {
      const { items } = await plant.call(audit.list, { search: { 'action[eq]': 'user.updated' } })
      await open(page, `/audit?view=${items[0]?.id}`)
    },
  },
  {
    name: 'permission',
    async show({ page }) {
      await open(page, '/permissions?view=mqtt%20read%20line-3/%23')
    },
  },
  {
    name: 'upload-preview',
    async show({ page, plant, say }) {
      await open(page, '/authorities?upload=')
      await page.getByLabel(say('Or paste text')).fill(plant.supplierCertificate)
      await page.getByRole('dialog').locator('button[type=submit]').waitFor()
    },
  },
  {
    name: 'check-result',
    async show({ page, plant, say }) {
      await open(page, '/certificates/check')
      await page.getByLabel(say('Certificate to check')).fill(plant.deviceCertificate)
      await page.getByText('line-3/#').first().waitFor()
    },
  },
  {
    name: 'import-preview',
    async show({ page, say }) {
      await open(page, '/users/import')
      const lines = 'username,displayName,kind\nimported-1,Imported One,machine\na b,,\nmaria.lindqvist,,'
      await page.getByLabel(say('Or paste text')).fill(lines)
      await page.getByRole('button', { name: say('Preview') }).click()
      await page.getByRole('table').first().waitFor()
    },
  },
  {
    name: 'revoke-connection',
    async show({ page, say }) {
      await chooseAction({ page, say }, '/broker/connections', 'Revoke certificate…')
    },
  },
  {
    name: 'disconnect',
    async show({ page, say }) {
      await chooseAction({ page, say }, '/broker/connections', 'Disconnect…')
    },
  },
  {
    name: 'connection-menu',
    async show({ page }) {
      await open(page, '/broker/connections')
      await page.locator('main [data-row-menu]').first().click()
      await page.getByRole('menuitem').first().waitFor()
    },
  },
  {
    name: 'user-delete',
    async show({ page, plant, say }) {
      await chooseAction({ page, say }, `/users/${plant.deviceId}`, 'Delete…')
    },
  },
  {
    name: 'user-disable',
    async show({ page, plant, say }) {
      await chooseAction({ page, say }, `/users/${plant.deviceId}`, 'Disable…')
    },
  },
  {
    name: 'user-password',
    async show({ page, plant, say }) {
      await chooseAction({ page, say }, `/users/${plant.personId}`, 'Set password…')
    },
  },
  {
    name: 'role-delete',
    async show({ page, plant, say }) {
      await chooseAction({ page, say }, `/roles/${plant.roleId}`, 'Delete…')
    },
  },
  {
    name: 'issue',
    async show({ page, plant, say }) {
      await open(page, `/users/${plant.deviceId}`)
      await page
        .getByRole('main')
        .getByRole('button', { name: say('Issue certificate…') })
        .click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'bulk-bar',
    async show({ page }) {
      await open(page, '/devices')
      for (const row of [1, 2]) await page.getByRole('main').getByRole('checkbox').nth(row).check({ force: true })
    },
  },
  {
    name: 'bulk-edit',
    async show({ page, say }) {
      await open(page, '/devices')
      for (const row of [1, 2]) await page.getByRole('main').getByRole('checkbox').nth(row).check({ force: true })
      await page.getByRole('button', { name: say('Roles and tags…') }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'list-options',
    async show({ page, say }) {
      await open(page, '/devices')
      await page
        .getByRole('button', { name: say('View') })
        .first()
        .click()
    },
  },
  {
    name: 'shortcuts',
    async show({ page }) {
      await open(page, '/')
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'palette',
    async show({ page }) {
      await open(page, '/')
      await page.keyboard.press('ControlOrMeta+K')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.type('line')
      await page.getByRole('option', { name: 'line-3-reader' }).waitFor()
    },
  },
  {
    name: 'navigation',
    async show({ page, say }) {
      await open(page, '/')
      await openDrawer({ page, say })
    },
  },
  {
    name: 'user-menu',
    async show({ page, say }) {
      await open(page, '/')
      await openDrawer({ page, say })
      await page.getByRole('button', { name: /admin/ }).last().click()
      await page.getByRole('menuitem').first().waitFor()
    },
  },
  {
    name: 'mfa-enrol',
    async show({ page, say }) {
      await open(page, '/account/mfa')
      await page.getByRole('button', { name: say('Enable multi-factor authentication') }).click()
      await page.getByRole('dialog').locator('code, svg').first().waitFor()
    },
  },
]
