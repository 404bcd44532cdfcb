/** The application with a directory of OpenLDAP, and an identity provider that uses it. */
import { roles } from '@gatehouse/contract/access/roles'
import type { LdapGiven } from '@gatehouse/contract/identity/provider-settings'
import { identityProviders, type LdapProvider } from '@gatehouse/contract/identity/providers'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import type * as z from 'zod/mini'
import { type Browser, startApp, type TestApp } from './app.ts'
import { branches, dnOf, group, groupDn, person, Slapd, serviceDn, servicePassword, suffix } from './slapd.ts'

export const directoryPassword = 'a password of the directory'

export interface DirectoryWorld {
  app: TestApp
  slapd: Slapd
  admin: Browser['call']
  provider: LdapProvider
  /** Roles that the groups of the same name give. */
  roleIds: Record<'operators' | 'staff', string>
  signIn(username: string, password?: string): Promise<Browser>
  userNamed(username: string): Promise<{ id: string } | null>
  stop(): Promise<void>
}

/** alice is an operator, and with it one of the staff; bob is in no group. */
export async function startDirectoryWorld(
  settings: Partial<z.input<typeof LdapGiven>> = {},
  more = '',
): Promise<DirectoryWorld> {
  const entries = [
    branches,
    person('alice', { password: directoryPassword }),
    person('bob', { password: directoryPassword }),
    group('operators', [dnOf('alice'), groupDn('staff')]),
    group('staff', [groupDn('operators')]),
    more,
  ]
  const slapd = await Slapd.start(entries.join('\n'))
  const app = await startApp()
  const admin = await app.as('admin')
  const makeRole = async (name: 'operators' | 'staff', resource: string) => {
    const permissions = [{ context: 'mqtt', resource, operation: 'readWrite' } as const]
    return (await admin(roles.create, { body: { name, permissions } })).id
  }
  const roleIds = { operators: await makeRole('operators', 'line/#'), staff: await makeRole('staff', 'news/#') }
  const provider = await admin(identityProviders.create, {
    body: {
      kind: 'ldap',
      name: 'lab',
      label: 'Lab',
      secret: servicePassword,
      mappings: [
        { source: groupDn('operators').toUpperCase(), roleId: roleIds.operators },
        { source: groupDn('staff'), roleId: roleIds.staff },
      ],
      settings: {
        urls: [slapd.tlsUrl],
        authorities: slapd.authorities,
        bindDn: serviceDn,
        searchBase: `ou=people,${suffix}`,
        groupBase: `ou=groups,${suffix}`,
        ...settings,
      },
    },
  })
  if (provider.kind !== 'ldap') throw new Error('The provider is no directory')
  return {
    app,
    slapd,
    admin,
    provider,
    roleIds,
    signIn: async (username, password = directoryPassword) => {
      const browser = app.browser()
      await browser.call(session.signIn, { body: { username, password } })
      return browser
    },
    userNamed: async (username) => {
      const { items } = await admin(users.list, { search: { 'username[eq]': username } })
      return items[0] ?? null
    },
    stop: async () => {
      await app.stop()
      await slapd.stop()
    },
  }
}
