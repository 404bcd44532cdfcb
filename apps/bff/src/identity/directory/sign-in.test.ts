/** Signing in with the password of a directory, through the form, as a script and as a step-up. */
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { Attribute, Change } from 'ldapts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused } from '../../../test/app.ts'
import { type DirectoryWorld, directoryPassword, startDirectoryWorld } from '../../../test/directory-world.ts'
import { dnOf, group, hasSlapd, person } from '../../../test/slapd.ts'

let world: DirectoryWorld
beforeAll(async () => {
  if (!hasSlapd) return
  const more = ['carol', 'dora', 'local', 'erin', 'fred', 'grace', 'henry', 'iris'].map((uid) =>
    person(uid, { password: directoryPassword }),
  )
  world = await startDirectoryWorld({}, [...more, group('others', [dnOf('carol')])].join('\n'))
})
afterAll(() => world?.stop())

const body = (username: string, password = directoryPassword) => ({ body: { username, password } })
const attempts = async () => {
  const { items } = await world.admin(audit.list, { search: { 'action[eq]': 'session.refused' } })
  return items.length
}

describe.skipIf(!hasSlapd)('signing in with the password of a directory', () => {
  it('makes the user with the roles of the groups, and finds the same user again', async () => {
    const first = await world.signIn('alice')
    const made = await first.call(session.view, {})
    expect(made).toMatchObject({ stage: 'full', user: { username: 'alice', identityProvider: 'ldap:lab' } })
    expect(made.user?.roleNames).toEqual(['operators', 'staff'])
    const again = await (await world.signIn('ALICE')).call(session.view, {})
    expect(again.user).toEqual(made.user)
    const { items } = await world.admin(audit.list, { search: { limit: 3 } })
    expect(items.map(({ action }) => action)).toEqual(['session.signed-in', 'session.signed-in', 'user.provisioned'])
  })

  it('gives the same answer for a wrong password, an unknown name and a wrong password of a local user', async () => {
    await world.signIn('bob')
    for (const [username, password] of [
      ['bob', 'wrong'],
      ['nobody-there', directoryPassword],
      ['admin', 'wrong'],
      ['admin', directoryPassword],
    ] as const) {
      await refused(world.app.browser().call(session.signIn, body(username, password)), 'wrong_credentials')
    }
  })

  it('refuses usernames that mean something in a filter or a DN, or that the directory folds', async () => {
    const inFilters = ['*', 'a*', '(', 'alice)(uid=*', 'alice)(|(uid=*', '\\2a', 'ali\u0000ce']
    const usernames = [...inFilters, ' alice ', 'ａｌｉｃｅ', 'alice,ou=people', dnOf('alice')]
    const each = usernames.map((username) =>
      refused(world.app.browser().call(session.signIn, body(username)), 'wrong_credentials'),
    )
    await Promise.all(each)
  })

  it('never asks the directory about a local user, and merges nobody', async () => {
    await world.admin(users.create, { body: { username: 'local', password: goodPassword, mustChangePassword: false } })
    await refused(world.app.browser().call(session.signIn, body('local')), 'wrong_credentials')
    // A spelling that is not the local user's, so the directory is asked: its person does not become the local user.
    await refused(world.app.browser().call(session.signIn, body('LOCAL')), 'username_taken_here')
    expect(await (await world.signIn('local', goodPassword)).call(session.view, {})).toMatchObject({
      user: { identityProvider: 'local' },
    })
  })

  it('takes roles away and gives them with the groups at each sign-in, and keeps those given by hand', async () => {
    const { operators, staff } = world.roleIds
    const browser = await world.signIn('carol')
    const id = (await browser.call(session.view, {})).user?.id ?? ''
    await world.admin(users.update, { params: { id }, body: { roles: [operators] } })
    // A member of the staff is an operator, too.
    await addToGroup('staff', 'carol')
    await world.signIn('carol')
    const joined = await world.admin(users.view, { params: { id } })
    expect(joined.roles.toSorted()).toEqual([operators, staff].toSorted())
    expect(joined.mappedRoles.toSorted()).toEqual([operators, staff].toSorted())
    await refused(world.admin(users.update, { params: { id }, body: { roles: [operators] } }), 'role_is_mapped')
    await removeFromGroup('staff', 'carol')
    await world.signIn('carol')
    expect(await world.admin(users.view, { params: { id } })).toMatchObject({ roles: [operators], mappedRoles: [] })
  })

  it('disables the user whose account is disabled there, and ends the sessions', async () => {
    const browser = await world.signIn('dora')
    const id = (await browser.call(session.view, {})).user?.id ?? ''
    await lock('dora', '000001010000Z')
    await refused(world.app.browser().call(session.signIn, body('dora')), 'account_disabled_there')
    expect(await world.admin(users.view, { params: { id } })).toMatchObject({ disabledAt: expect.any(String) })
    await refused(browser.call(session.view, {}), 'not_signed_in')
    await lock('dora', null)
    expect(await (await world.signIn('dora')).call(session.view, {})).toMatchObject({ stage: 'full' })
  })

  it('throttles the spellings of one name together', async () => {
    for (const username of ['erin', 'ERIN', 'Erin', 'eRIN', 'erin']) {
      await refused(world.app.browser().call(session.signIn, body(username, 'wrong')), 'wrong_credentials')
    }
    for (const username of ['erin', 'ERiN']) {
      await refused(world.app.browser().call(session.signIn, body(username)), 'throttled')
    }
  })

  it('counts the passwords that an administrator tries in the test of the directory', async () => {
    const params = { id: world.provider.id }
    const test = (password: string) =>
      world.admin(identityProviders.test, { params, body: { username: 'henry', password } })
    for (let at = 0; at < 5; at++) {
      const { steps } = await test(`wrong ${at}`)
      expect(steps.find(({ step }) => step === 'password')).toMatchObject({ problem: 'wrong_password' })
    }
    await refused(test(directoryPassword), 'throttled')
  })

  it('asks for the code of a second factor, and proves the directory password again at a step-up', async () => {
    const browser = await world.signIn('fred')
    world.app.advance(11 * 60_000)
    await refused(browser.call(mfa.enrol, {}), 'proof_required')
    await refused(browser.call(session.prove, { body: { password: 'wrong' } }), 'wrong_password')
    await browser.call(session.prove, { body: { password: directoryPassword } })
    await browser.call(mfa.enrol, {})
    await world.admin(session.prove, { body: { password: goodPassword } })
    await refused(
      browser.call(session.changePassword, { body: { currentPassword: directoryPassword, newPassword: goodPassword } }),
      'password_elsewhere',
    )
  })

  it('makes a token for a script, for a user with the token grant', async () => {
    const login = () => world.app.anyone(session.login, body('grace'))
    await refused(login(), 'sign_in_refused')
    const user = await world.userNamed('grace')
    const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
    await world.admin(users.update, { params: { id: user?.id ?? '' }, body: { grantTypes } })
    expect((await login()).token).toMatch(/^\S+$/)
  })

  it('says that the directory does not answer, counts nothing, and signs local users in', async () => {
    await world.slapd.stop()
    const before = await attempts()
    for (let at = 0; at < 8; at++) {
      await refused(world.app.browser().call(session.signIn, body('bob')), 'directory_unavailable')
    }
    await refused(world.app.browser().call(session.signIn, body('nobody-there')), 'directory_unavailable')
    expect(await attempts()).toBe(before)
    expect(await (await world.signIn('admin', goodPassword)).call(session.view, {})).toMatchObject({ stage: 'full' })
    // Or this answer would tell who is a local user.
    await refused(world.app.browser().call(session.signIn, body('admin', 'wrong')), 'directory_unavailable')
    expect(await attempts()).toBe(before + 1)
    await world.slapd.start()
    await expect.poll(() => world.signIn('bob').then(() => 'signed in', String)).toBe('signed in')
  })

  it('counts a password that one directory refused while another does not answer', async () => {
    const { kind, settings } = world.provider
    const silent = { ...settings, urls: ['ldaps://127.0.0.1:1'] }
    const { id } = await world.admin(identityProviders.create, {
      body: { kind, name: 'silent', label: 'Silent', secret: 'secret', position: 2, settings: silent },
    })
    for (let at = 0; at < 5; at++) {
      await refused(world.app.browser().call(session.signIn, body('iris', `wrong ${at}`)), 'directory_unavailable')
    }
    await refused(world.app.browser().call(session.signIn, body('iris')), 'throttled')
    expect(await world.userNamed('iris')).toBeNull()
    await world.admin(identityProviders.remove, { params: { id } })
  })

  it('says the same where the directory has another certificate now', async () => {
    world.slapd.makeCertificate({ names: ['localhost'], isForeign: true })
    await world.slapd.stop()
    await world.slapd.start()
    await refused(world.app.browser().call(session.signIn, body('bob')), 'directory_unavailable')
    const { steps } = await world.admin(identityProviders.test, { params: { id: world.provider.id }, body: {} })
    expect(steps.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      step: 'tls',
      problem: 'certificate_not_trusted',
    })
  })
})

function change(dn: string, operation: 'add' | 'delete' | 'replace', type: string, values: string[]): Promise<void> {
  const modification = new Attribute({ type, values })
  return world.slapd.asRoot((client) => client.modify(dn, new Change({ operation, modification })))
}

const addToGroup = (name: string, uid: string) =>
  change(`cn=${name},ou=groups,dc=lab,dc=test`, 'add', 'member', [dnOf(uid)])
const removeFromGroup = (name: string, uid: string) =>
  change(`cn=${name},ou=groups,dc=lab,dc=test`, 'delete', 'member', [dnOf(uid)])
const lock = (uid: string, time: string | null) =>
  change(dnOf(uid), 'replace', 'pwdAccountLockedTime', time === null ? [] : [time])
