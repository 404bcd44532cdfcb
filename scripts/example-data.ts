/** Example data: roles, people, machines and one CA, created through the public API. */

import type { Permission } from '../packages/contract/src/access/permission.ts'
import { roles } from '../packages/contract/src/access/roles.ts'
import { authorities } from '../packages/contract/src/certificates/authorities.ts'
import { createClient } from '../packages/contract/src/client.ts'
import { session } from '../packages/contract/src/identity/sign-in.ts'
import { users } from '../packages/contract/src/identity/users.ts'
import { makeAuthority } from '../packages/pki/src/testing/certificates.ts'

const exampleRoles: { name: string; description: string; permissions: Permission[] }[] = [
  {
    name: 'line-3-sensors',
    description: 'Sensors of line 3: publish measurements, read their own settings.',
    permissions: [
      { context: 'mqtt', resource: 'line-3/+/measurements', operation: 'write' },
      { context: 'mqtt', resource: 'line-3/+/settings', operation: 'read' },
    ],
  },
  {
    name: 'line-3-operator',
    description: 'People at line 3: see everything of it, change setpoints.',
    permissions: [
      { context: 'mqtt', resource: 'line-3/#', operation: 'read' },
      { context: 'mqtt', resource: 'line-3/+/setpoint', operation: 'write' },
    ],
  },
  {
    name: 'auditor',
    description: 'Reads users, roles and the audit log, changes nothing.',
    permissions: ['users', 'roles', 'audit'].map((area) => ({
      context: 'http',
      resource: `/api/${area}/#`,
      operation: 'read',
    })),
  },
]

const people = [
  { username: 'maria.lindqvist', displayName: 'Maria Lindqvist', role: 'line-3-operator' },
  { username: 'jonas.weber', displayName: 'Jonas Weber', role: 'line-3-operator' },
  { username: 'aiko.tanaka', displayName: 'Aiko Tanaka', role: 'auditor' },
]
const machines = ['line-3-press', 'line-3-oven', 'line-3-conveyor', 'line-3-scale']

/** Does nothing if there are other users than the first administrator. */
export async function makeExampleData(baseUrl: string, admin: { username: string; password: string }): Promise<void> {
  const { token } = await createClient({ baseUrl })(session.login, { body: { ...admin, label: 'Example data' } })
  const call = createClient({ baseUrl, headers: { Authorization: `Bearer ${token}` } })
  const { total } = await call(users.list, { search: { limit: 1 } })
  if (total !== 1) return

  const roleIds = new Map<string, string>()
  for (const role of exampleRoles) roleIds.set(role.name, (await call(roles.create, { body: role })).id)
  const rolesNamed = (name: string): string[] => [roleIds.get(name) ?? ''].filter((id) => id !== '')

  for (const { role, ...person } of people) {
    await call(users.create, {
      body: { ...person, password: 'an example passphrase', mustChangePassword: false, roles: rolesNamed(role) },
    })
  }
  for (const username of machines) {
    const grantTypes = [{ method: 'certificate' as const, isRequired: true }]
    await call(users.create, { body: { username, kind: 'machine', grantTypes, roles: rolesNamed('line-3-sensors') } })
  }
  const { certificatePem } = makeAuthority({ subject: 'Line 3 Device CA' })
  await call(authorities.create, {
    body: { certificates: certificatePem, name: 'Line 3 devices', usernames: ['line-3-*'] },
  })
}
