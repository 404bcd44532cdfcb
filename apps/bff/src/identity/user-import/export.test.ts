/** Users as CSV: all matching users, nothing that a spreadsheet would run, readable by the import, with an event in the audit. */

import { roles } from '@gatehouse/contract/access/roles'
import { addressOf } from '@gatehouse/contract/client'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Search } from '@gatehouse/contract/route'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { sendRaw } from '../../../test/raw-request.ts'

let app: TestApp
let token: string
// More than two slices.
const many = 450

beforeAll(async () => {
  app = await startApp()
  token = await app.token('admin')
  const admin = await app.as('admin')
  const role = await admin(roles.create, { body: { name: 'line-3 reader' } })
  const sly = {
    username: 'sly',
    displayName: '=HYPERLINK("http://evil.example")',
    mqttPublishPrefix: '@line-3,a/',
    roles: [role.id],
    grantTypes: [{ method: 'certificate', isRequired: true } as const, { method: 'token' } as const],
  }
  const others = Array.from({ length: many }, (_, n) => ({ username: `listed-${n}`, kind: 'machine' as const }))
  await admin(userTransfer.batch, { body: { users: [sly, ...others] } })
})
afterAll(() => app.stop())

const get = (search: Search<typeof userTransfer.export>, of = token) =>
  sendRaw(app, { method: 'GET', path: addressOf(userTransfer.export, { search }) }, { token: of })

it('has all matching users, by name, in any number of slices', async () => {
  const { text, headers } = await get({ search: 'listed', 'kind[eq]': 'machine' })
  const lines = text.trimEnd().split('\r\n')
  expect(lines[0]).toBe(
    'username,displayName,kind,grantTypes,roles,mqttPublishPrefix,tags,identityProvider,secondFactor,disabledAt,lastSignInAt,createdAt,id',
  )
  const names = lines.slice(1).map((line) => line.split(',')[0])
  expect(names).toEqual(Array.from({ length: many }, (_, n) => `listed-${n}`).toSorted())
  expect(headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
  expect(headers.get('Content-Disposition')).toMatch(/^attachment; filename=gatehouse-users-\d{4}-\d\d-\d\d\.csv$/)
})

it('has nothing that a spreadsheet would run, and no password', async () => {
  const { text } = await get({ 'username[eq]': 'sly' })
  expect(text.split('\r\n')[1]).toMatch(
    /^sly,"'=HYPERLINK\(""http:\/\/evil\.example""\)",machine,certificate \(required\)\|token,line-3 reader,"'@line-3,a\/",,local,off,,,2/,
  )
  expect((await get({})).text).not.toContain('argon2')
})

it('goes on serving others when a client disconnects in the middle', async () => {
  const headers = { Authorization: `Bearer ${token}` }
  const response = await fetch(app.url + addressOf(userTransfer.export, {}), { headers })
  await response.body?.cancel()
  expect((await get({ 'username[eq]': 'sly' })).status).toBe(200)
})

it('records an event; records none if the caller may not export or gives an unknown filter', async () => {
  const admin = await app.as('admin')
  const exports = { 'action[eq]': 'users.exported' } as const
  await get({ search: 'for whom', 'kind[eq]': 'person' })
  const { items, total } = await admin(audit.list, { search: exports })
  expect(items[0]).toMatchObject({
    actor: { username: 'admin' },
    after: { filters: { search: 'for whom', 'kind[eq]': 'person' } },
  })
  expect((await get({}, await app.token('nobody'))).code).toBe('not_permitted')
  // The right to list users does not include the export.
  expect((await get({}, await app.token('operator'))).code).toBe('not_permitted')
  expect((await get({ limit: 1 } as never)).code).toBe('invalid')
  expect((await admin(audit.list, { search: exports })).total).toBe(total)
  expect((await (await app.as('operator'))(users.list, {})).items.length).toBeGreaterThan(0)
})
