/** The audit as a file: all matching events, whole lines, nothing that a spreadsheet would run, and an event about the export. */

import { roles } from '@gatehouse/contract/access/roles'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { addressOf } from '@gatehouse/contract/client'
import { AuditEvent, audit } from '@gatehouse/contract/operations/audit'
import type { Search } from '@gatehouse/contract/route'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { sendRaw } from '../../../test/raw-request.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { systemClock } from '../../platform/base/clock.ts'
import { openDatabase } from '../../platform/db/open.ts'

const formula = '=HYPERLINK("http://evil.example","click")'
// More than one slice.
const many = 600

let app: TestApp
let token: string
beforeAll(async () => {
  app = await startApp()
  token = await app.token('admin')
  const admin = await app.as('admin')
  const certificates = makeAuthority({ subject: 'Sly CA' }).certificatePem
  await admin(authorities.create, { body: { certificates, name: formula } })
  await writeEvents(many)
})
afterAll(() => app.stop())

/** The events that the creation of this many roles records. */
async function writeEvents(count: number): Promise<void> {
  const { db, close } = await openDatabase(app.database)
  const actor = { userId: null, username: null, via: 'machine', address: null } as const
  await db.transaction().execute(async (trx) => {
    for (let n = 0; n < count; n++) {
      const target = { type: 'role', id: `r-${n}`, name: `r-${n}` } as const
      await recordEvent(trx, systemClock, { action: 'role.created', actor, target })
    }
  })
  await close()
}

const get = (search: Search<typeof audit.list>, headers: Record<string, string> = {}) =>
  sendRaw(app, { method: 'GET', path: addressOf(audit.list, { search }) }, { token, headers })

const csv = { Accept: 'text/csv' }
const created = { 'action[eq]': 'role.created' } as const

describe('as CSV', () => {
  it('has all matching events and no others, in the order of the list', async () => {
    const { text, headers } = await get({ ...created, search: 'r-', sort: 'at', limit: 5 }, csv)
    const [head, ...lines] = text.trimEnd().split('\r\n')
    expect(head).toBe('at,action,actor,via,address,targetType,target,reason,before,after,actorId,targetId,id')
    const names = lines.map((line) => line.split(',')[6])
    expect(names).toHaveLength(many)
    expect(new Set(names).size).toBe(many)
    const times = lines.map((line) => line.split(',')[0] ?? '')
    expect(times).toEqual(times.toSorted())
    expect(headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
    expect(headers.get('Content-Disposition')).toMatch(/^attachment; filename=gatehouse-audit-\d{4}-\d\d-\d\d\.csv$/)
    expect(headers.get('Vary')).toMatch(/\bAccept\b/)
  })

  it('has no formula, and doubles quotes', async () => {
    const { text } = await get({ 'action[eq]': 'authority.added', search: '=HYP' }, csv)
    expect(text).toContain(`,"'=HYPERLINK(""http://evil.example"",""click"")",`)
    expect(text.trimEnd().split('\r\n')).toHaveLength(2)
  })
})

describe('as JSON lines', () => {
  it('has one event on each line, like the list', async () => {
    const { text, headers } = await get({ ...created, format: 'jsonl' })
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => AuditEvent.parse(JSON.parse(line)))
    expect(events).toHaveLength(many)
    const { items } = await (await app.as('admin'))(audit.list, { search: { ...created, limit: 200 } })
    expect(events.slice(0, 200)).toEqual(items)
    expect(headers.get('Content-Type')).toMatch(/^application\/x-ndjson/)
  })
})

it.each([
  [{}, {}, 'json'],
  [{}, { Accept: '*/*' }, 'json'],
  [{}, { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, 'json'],
  [{}, { Accept: 'application/json, text/csv;q=0.5' }, 'json'],
  [{}, { Accept: 'text/csv, application/json;q=0.5' }, 'csv'],
  [{}, { Accept: 'application/x-ndjson' }, 'ndjson'],
  [{ format: 'csv' as const }, { Accept: 'application/json' }, 'csv'],
])('%j with %j is %s', async (search, headers, type) => {
  const answer = await get({ search: 'nobody', ...search }, headers)
  expect(answer.headers.get('Content-Type')).toContain(type)
})

it('leaves out events that were written during the export', async () => {
  const path = addressOf(audit.list, { search: { sort: 'at', format: 'jsonl' } })
  const response = await fetch(app.url + path, { headers: { Authorization: `Bearer ${token}` } })
  await (await app.as('admin'))(roles.create, { body: { name: 'meanwhile' } })
  const text = await response.text()
  expect(text).toContain(`r-${many - 1}`)
  expect(text).not.toContain('meanwhile')
})

it('goes on serving others when a client disconnects in the middle', async () => {
  const path = addressOf(audit.list, { search: { format: 'csv' } })
  const response = await fetch(app.url + path, { headers: { Authorization: `Bearer ${token}` } })
  await response.body?.cancel()
  expect((await get({ limit: 1 })).status).toBe(200)
})

it('records an event; records none if the caller may not read the audit', async () => {
  const admin = await app.as('admin')
  const exports = { 'action[eq]': 'audit.exported' } as const
  await get({ search: 'for whom', 'actor[eq]': 'admin', format: 'csv' })
  const { items, total } = await admin(audit.list, { search: exports })
  expect(items[0]).toMatchObject({
    actor: { username: 'admin' },
    via: 'token',
    after: { format: 'csv', filters: { search: 'for whom', 'actor[eq]': 'admin' } },
  })
  const path = addressOf(audit.list, { search: { format: 'csv' } })
  const answer = await sendRaw(app, { method: 'GET', path }, { token: await app.token('nobody'), headers: csv })
  expect(answer.code).toBe('not_permitted')
  expect((await admin(audit.list, { search: exports })).total).toBe(total)
})
