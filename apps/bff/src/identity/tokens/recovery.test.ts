/** Recovery ends what a stolen password made: which tokens end with the password or the second factor, and which on request. */

import type { Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import { createClient } from '@gatehouse/contract/client'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { users } from '@gatehouse/contract/identity/users'
import { type AuditAction, audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { enrol, freshAdmin, makeUser, type Phone, signIn } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { resetMfa, resetPassword } from '../../admin-commands.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { openDatabase } from '../../platform/db/open.ts'

let app: TestApp
let door: BackDoor
let database: OpenDatabase
let bystander: string
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  database = await openDatabase(app.database)
  await makeUser(app, 'bystander', { permissions: [readRoles] })
  bystander = await door.openToken('bystander')
})
afterAll(async () => {
  await database.close()
  await door.close()
  await app.stop()
})

const use = (token: string) =>
  createClient({ baseUrl: app.url, headers: { Authorization: `Bearer ${token}` } })(roles.list, {})

interface Victim {
  id: string
  username: string
  browser: Browser
  phone: Phone | null
  tokens: Record<'login' | 'unknown' | 'console', string>
}

const readRoles: Permission = { context: 'http', resource: '/api/roles', operation: 'read' }
let made = 0

/** A user with a recent session and a token of each origin. */
async function makeVictim({ enrolled = false }: { enrolled?: boolean } = {}): Promise<Victim> {
  const username = `victim-${++made}`
  const { id } = await makeUser(app, username, { permissions: [readRoles] })
  const browser = await signIn(app, username)
  const phone = enrolled ? (await enrol(app, browser)).phone : null
  const login = async (label: string) => {
    const code = phone ? { code: phone.next() } : {}
    return app.anyone(session.login, { body: { username, password: goodPassword, label, ...code } })
  }
  const unknown = await login('unknown')
  await door.run('update tokens set origin = null where id = ?', unknown.id)
  const { token } = await browser.call(tokens.create, { body: { label: 'console' } })
  return {
    id,
    username,
    browser,
    phone,
    tokens: { login: (await login('login')).token, unknown: unknown.token, console: token },
  }
}

/** The origins of the tokens that are still stored. */
const keptOf = async ({ id }: Victim) =>
  (await door.column<string>('select label from tokens where user_id = ? order by label', id)).join(' ')

const endTokensOf = (wish: boolean | undefined) => (wish === undefined ? {} : { endTokens: wish })

interface Recovery {
  says: string
  enrolled?: true
  /** `wish`: the value of `endTokens`; undefined if it is left out. */
  run(victim: Victim, wish: boolean | undefined): Promise<unknown>
  event: AuditAction
}

const nextPassword = 'another perfectly good password'

const recoveries: Recovery[] = [
  {
    says: 'an administrator sets the password',
    run: async ({ id }, wish) =>
      (await freshAdmin(app))(users.setPassword, { params: { id }, body: { mustChange: false, ...endTokensOf(wish) } }),
    event: 'password.set',
  },
  {
    says: 'the user changes the password',
    run: ({ browser }, wish) =>
      browser.call(session.changePassword, {
        body: { currentPassword: goodPassword, newPassword: nextPassword, ...endTokensOf(wish) },
      }),
    event: 'password.changed',
  },
  {
    says: 'an administrator demands a second factor',
    run: async ({ id }, wish) =>
      (await freshAdmin(app))(users.update, { params: { id }, body: { mfaRequired: true, ...endTokensOf(wish) } }),
    event: 'user.updated',
  },
  {
    says: 'an administrator resets the second factor',
    enrolled: true,
    run: async ({ id }, wish) =>
      (await freshAdmin(app))(mfa.reset, { params: { id }, body: { reason: 'stolen', ...endTokensOf(wish) } }),
    event: 'mfa.reset',
  },
  {
    says: 'reset-password is run on the machine',
    run: ({ username }, wish) => resetPassword(database.db, username, { keepTokens: wish === false }),
    event: 'password.set',
  },
  {
    says: 'reset-mfa is run on the machine',
    enrolled: true,
    run: ({ username }, wish) => resetMfa(database.db, username, { keepTokens: wish === false }),
    event: 'mfa.reset',
  },
]

describe.each(recoveries)('when $says', ({ run, enrolled = false, event }) => {
  it.each([
    ['ends all tokens by default', undefined, '', 3],
    ['ends all tokens if that is wished', true, '', 3],
    ['keeps those made in the console if that is wished', false, 'console', 2],
  ] as const)('%s', async (_, wish, kept, endedTokens) => {
    const victim = await makeVictim({ enrolled })
    await run(victim, wish)
    expect(await keptOf(victim)).toBe(kept)
    for (const origin of ['login', 'unknown'] as const) await refused(use(victim.tokens[origin]), 'not_signed_in')
    await use(bystander)
    const search = { 'target[eq]': victim.id, 'action[eq]': event }
    const { items } = await (await freshAdmin(app))(audit.list, { search })
    expect(items).toMatchObject([{ after: { endedTokens } }])
  })
})

describe('tokens of /login and of unknown origin end', () => {
  it('when the user completes an enrolment, because they were made without the factor', async () => {
    const victim = await makeVictim()
    await enrol(app, victim.browser)
    expect(await keptOf(victim)).toBe('console')
    await use(victim.tokens.console)
  })

  it('when the password grant is taken away', async () => {
    const victim = await makeVictim()
    const body = { grantTypes: [{ method: 'token' as const }] }
    const admin = await freshAdmin(app)
    expect(await admin(users.impact, { params: { id: victim.id }, body })).toMatchObject({ sessions: 1, tokens: 2 })
    await admin(users.update, { params: { id: victim.id }, body })
    expect(await keptOf(victim)).toBe('console')
  })

  it('not when the user changes something else, or already has the demanded factor', async () => {
    const victim = await makeVictim({ enrolled: true })
    const admin = await freshAdmin(app)
    for (const body of [{ displayName: 'Vic' }, { mfaRequired: true }]) {
      await admin(users.update, { params: { id: victim.id }, body })
    }
    expect(await keptOf(victim)).toBe('console login unknown')
    await use(victim.tokens.login)
  })
})

describe('the impact of a demand for a second factor', () => {
  it.each([
    [undefined, 3],
    [true, 3],
    [false, 2],
  ])('with endTokens %s counts %i tokens', async (wish, count) => {
    const { id } = await makeVictim()
    const body = { mfaRequired: true, ...endTokensOf(wish) }
    expect((await (await freshAdmin(app))(users.impact, { params: { id }, body })).tokens).toBe(count)
  })
})

describe('the number of tokens that were made in the console', () => {
  it('is shown to the user and to administrators, without expired tokens', async () => {
    const { id, browser } = await makeVictim()
    await browser.call(tokens.create, { body: { label: 'ended' } })
    await door.run("update tokens set expires_at = ? where label = 'ended'", app.now().toISOString())
    expect(await browser.call(tokens.list, { search: { limit: 1 } })).toMatchObject({ total: 4, madeInConsole: 1 })
    const listed = await (await freshAdmin(app))(tokens.listOf, { params: { id } })
    expect(listed).toMatchObject({ total: 4, madeInConsole: 1 })
    expect(listed.items.map(({ label, origin }) => `${label} ${origin}`)).toEqual([
      'ended console',
      'login login',
      'console console',
      'unknown null',
    ])
  })
})

const policies = (requiredFor: 'everyone' | 'nobody') => JSON.stringify({ mfa: { requiredFor, roles: [] } })

describe('a token of a user who has to change the password or enrol', () => {
  const due = [
    ['a new password', 'password_change_required_at', 'password-change-required'],
    ['an enrolment', 'mfa_required_at', 'mfa-enrolment-required'],
  ] as const
  it.each(due)('%s: is refused with the stage, and works again after that', async (_, column, stage) => {
    const victim = await makeVictim()
    await door.setFacts(victim.username, { [column]: app.now().toISOString() })
    const before = await door.everything()
    const { problem } = await refused(use(victim.tokens.console), 'stage_not_allowed')
    expect(problem.detail).toBe(stage)
    expect(await door.everything()).toBe(before)
    await door.run(`update users set ${column} = null where id = ?`, victim.id)
    await use(victim.tokens.console)
  })

  it('is refused while the policy demands a second factor, and works again after that', async () => {
    const victim = await makeVictim()
    await door.run('insert into settings (id, policies, version) values (1, ?, 2)', policies('everyone'))
    await refused(use(victim.tokens.login), 'stage_not_allowed')
    await door.run('update settings set policies = ?, version = 3', policies('nobody'))
    await use(victim.tokens.login)
    await door.run('delete from settings')
  })
})
