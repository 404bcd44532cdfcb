/** Open sessions are listed and ended by their user, and by callers who cover that user. */

import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { audit } from '@gatehouse/contract/operations/audit'
import { settings } from '@gatehouse/contract/operations/settings'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin, makeUser, signIn } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
})
afterEach(() => door.run('delete from settings'))
afterAll(async () => {
  await door.close()
  await app.stop()
})

const hour = 60 * 60_000
const nobody = '00000000-0000-7000-8000-000000000000'

const isOpen = ({ call }: Browser) =>
  call(session.view, {}).then(
    () => true,
    () => false,
  )

async function idOf({ call }: Browser): Promise<string> {
  const { items } = await call(sessions.list, {})
  return items.find(({ current }) => current)?.id ?? ''
}

async function lastEvent() {
  const { items } = await (await freshAdmin(app))(audit.list, { search: { 'action[eq]': 'session.ended', limit: 1 } })
  return items[0]
}

describe('the own sessions', () => {
  it('are listed with address, times and a mark on the current one, the last seen first, without secrets', async () => {
    await makeUser(app, 'ada')
    const there = await signIn(app, 'ada')
    app.advance(2 * 60_000)
    const here = app.browser()
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) Chromium'
    await here.fetch(`${app.url}/api/session`, {
      method: 'POST',
      headers: { 'X-Requested-With': 'gatehouse', 'Content-Type': 'application/json', 'User-Agent': userAgent },
      body: JSON.stringify({ username: 'ada', password: goodPassword }),
    })
    const response = await here.fetch(`${app.url}/api/sessions`)
    const text = await response.text()
    const { items } = JSON.parse(text) as { items: { createdAt: string; expiresAt: string }[] }
    expect(items).toMatchObject([
      { current: true, address: '127.0.0.1', userAgent },
      { current: false, address: '127.0.0.1' },
    ])
    for (const { createdAt, expiresAt } of items) {
      expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(12 * hour)
    }
    for (const { cookie } of [here, there]) expect(text).not.toContain(cookie()?.split('=')[1])
    expect(text).not.toMatch(/secret|hash/i)
  })

  it('do not include those of other users', async () => {
    await makeUser(app, 'alone')
    const { call } = await signIn(app, 'alone')
    expect((await call(sessions.list, {})).items).toHaveLength(1)
  })

  it('end one by one: that cookie stops working, the others stay, and the end is recorded', async () => {
    await makeUser(app, 'one-by-one')
    const [here, there, third] = [
      await signIn(app, 'one-by-one'),
      await signIn(app, 'one-by-one'),
      await signIn(app, 'one-by-one'),
    ]
    const id = await idOf(there)
    await here.call(sessions.end, { params: { id } })
    expect([await isOpen(here), await isOpen(there), await isOpen(third)]).toEqual([true, false, true])
    expect(await lastEvent()).toMatchObject({
      actor: { username: 'one-by-one' },
      via: 'session',
      target: { type: 'session', id, name: 'one-by-one' },
    })
    await refused(here.call(sessions.end, { params: { id } }), 'not_found')
    await here.call(sessions.end, { params: { id: await idOf(here) } })
    expect([await isOpen(here), await isOpen(third)]).toEqual([false, true])
  })

  it('do not include another user’s session when one is ended by id', async () => {
    await makeUser(app, 'thief')
    const { call } = await signIn(app, 'thief')
    const admin = await signIn(app, 'admin')
    await refused(call(sessions.end, { params: { id: await idOf(admin) } }), 'not_found')
    await refused(call(sessions.end, { params: { id: nobody } }), 'not_found')
    expect(await isOpen(admin)).toBe(true)
  })

  it('end all except the current one', async () => {
    await makeUser(app, 'others')
    const [here, there, third] = [await signIn(app, 'others'), await signIn(app, 'others'), await signIn(app, 'others')]
    expect(await here.call(sessions.endOthers, {})).toEqual({ ended: 2 })
    expect([await isOpen(here), await isOpen(there), await isOpen(third)]).toEqual([true, false, false])
    expect(await lastEvent()).toMatchObject({ actor: { username: 'others' }, after: { ended: 2 } })
    expect(await here.call(sessions.endOthers, {})).toEqual({ ended: 0 })
  })

  it('are not listed after they ended, also by a limit that was shortened since', async () => {
    await makeUser(app, 'long-day')
    const old = await signIn(app, 'long-day')
    for (let n = 0; n < 5; n++) {
      app.advance(hour / 4)
      expect(await isOpen(old)).toBe(true)
    }
    const here = await signIn(app, 'long-day')
    expect((await here.call(sessions.list, {})).items).toHaveLength(2)
    const admin = await freshAdmin(app)
    await admin(settings.update, { body: { session: { idleMinutes: 30, absoluteHours: 1 } } })
    const { items } = await here.call(sessions.list, {})
    expect(items).toMatchObject([{ current: true }])
    expect(Date.parse(items[0]?.expiresAt ?? '') - Date.parse(items[0]?.createdAt ?? '')).toBe(hour)
    expect(await isOpen(old)).toBe(false)
  })

  it('can be ended in any number', async () => {
    const { id: userId } = await makeUser(app, 'many')
    const here = await signIn(app, 'many')
    const oldest = await idOf(here)
    app.advance(2 * 60_000)
    const there = await signIn(app, 'many')
    const [row = {}] = await door.rows<Record<string, string>>('select * from sessions where id = ?', await idOf(there))
    for (let n = 0; n < 200; n++) {
      const id = nobody.replace(/.{12}$/, String(n).padStart(12, '0'))
      await door.insert('sessions', { ...row, id, secret_hash: `no hash ${n}` })
    }
    await there.call(sessions.end, { params: { id: oldest } })
    expect(await isOpen(here)).toBe(false)
    expect(await there.call(sessions.endOthers, {})).toEqual({ ended: 200 })
    expect(await door.value('select count(*) from sessions where user_id = ?', userId)).toBe(1)
  })
})

describe('the sessions of a user', () => {
  it('are listed and ended by an administrator, one or all', async () => {
    const { id } = await makeUser(app, 'watched')
    const [one, two, three] = [await signIn(app, 'watched'), await signIn(app, 'watched'), await signIn(app, 'watched')]
    const admin = await freshAdmin(app)
    const { items } = await admin(sessions.listOf, { params: { id } })
    expect(items.map(({ current }) => current)).toEqual([false, false, false])
    await admin(sessions.endOf, { params: { id, sessionId: await idOf(one) } })
    expect([await isOpen(one), await isOpen(two), await isOpen(three)]).toEqual([false, true, true])
    expect(await lastEvent()).toMatchObject({ actor: { username: 'admin' }, target: { name: 'watched' } })
    expect(await admin(sessions.endAllOf, { params: { id } })).toEqual({ ended: 2 })
    expect([await isOpen(two), await isOpen(three)]).toEqual([false, false])
    expect(await lastEvent()).toMatchObject({ target: { type: 'user', id }, after: { ended: 2 } })
  })

  it('are ended by an operator only for users whom the operator covers', async () => {
    await app.as('operator')
    const operator = await signIn(app, 'operator')
    const { items } = await operator.call(roles.list, { search: { 'name[eq]': adminRoleName } })
    const above = await makeUser(app, 'above', { roles: [items[0]?.id ?? ''] })
    const below = await makeUser(app, 'below')
    const [high, low] = [await signIn(app, 'above'), await signIn(app, 'below')]
    await refused(operator.call(sessions.endAllOf, { params: { id: above.id } }), 'above_caller')
    const params = { id: above.id, sessionId: await idOf(high) }
    await refused(operator.call(sessions.endOf, { params }), 'above_caller')
    expect(await isOpen(high)).toBe(true)
    expect(await operator.call(sessions.endAllOf, { params: { id: below.id } })).toEqual({ ended: 1 })
    expect(await isOpen(low)).toBe(false)
  })

  it('are neither listed nor ended without the permission, and not ended by an auditor', async () => {
    const { id } = await makeUser(app, 'private')
    const owner = await signIn(app, 'private')
    const params = { id, sessionId: await idOf(owner) }
    await app.as('auditor')
    await app.as('nobody')
    const [auditor, stranger] = [await signIn(app, 'auditor'), await signIn(app, 'nobody')]
    await refused(stranger.call(sessions.listOf, { params: { id } }), 'not_permitted')
    for (const { call } of [auditor, stranger]) {
      await refused(call(sessions.endOf, { params }), 'not_permitted')
      await refused(call(sessions.endAllOf, { params: { id } }), 'not_permitted')
    }
    expect((await auditor.call(sessions.listOf, { params: { id } })).items).toHaveLength(1)
    expect(await isOpen(owner)).toBe(true)
  })

  it('are found only under their own user', async () => {
    const { id } = await makeUser(app, 'named')
    const stranger = await signIn(app, 'nobody')
    const admin = await freshAdmin(app)
    const sessionId = await idOf(stranger)
    await refused(admin(sessions.endOf, { params: { id, sessionId } }), 'not_found')
    await refused(admin(sessions.endOf, { params: { id: nobody, sessionId } }), 'not_found')
    await refused(admin(sessions.endAllOf, { params: { id: nobody } }), 'not_found')
    await refused(admin(sessions.listOf, { params: { id: nobody } }), 'not_found')
    expect(await isOpen(stranger)).toBe(true)
  })
})
