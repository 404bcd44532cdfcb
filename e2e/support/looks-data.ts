/** The data of the accessibility stories. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { Call } from '@gatehouse/contract/client'
import { users } from '@gatehouse/contract/identity/users'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { makeMachine, makeRole, makeUser, topic } from './api.ts'
import { subscribe } from './mosquitto.ts'
import type { Gatehouse } from './server.ts'

/** Each of these stories opens many pages and dialogs. */
export const looksTimeoutMs = 300_000

export const person = { username: 'maria.lindqvist', password: 'only for these pictures' }

/** Fills every list of the console with at least one row. */
export async function makeLooksData({ call, gatehouse }: { call: Call; gatehouse: Gatehouse }): Promise<void> {
  const role = await makeRole(call, 'line-3-reader', [topic('line-3/#', 'read')])
  await makeUser(call, {
    ...person,
    displayName: 'Maria Lindqvist',
    roles: [role],
    permissions: [topic('a/b', 'write')],
  })
  await makeMachine(call, 'line-3-press', [topic('line-3/#', 'readWrite')])
  const off = await makeMachine(call, 'line-3-scale')
  await call(users.update, { params: { id: off.id }, body: { disabled: true, mfaRequired: true } })
  const soon = new Date(Date.now() + 5 * 24 * 60 * 60_000)
  const expiring = makeAuthority({ subject: 'Line 3 Device CA', notAfter: soon })
  const twins = [makeAuthority({ subject: 'Twin CA' }), makeAuthority({ subject: 'Twin CA' })]
  const certificates = [expiring, ...twins].map(({ certificatePem }) => certificatePem).join('')
  await call(authorities.create, { body: { certificates } })
  const refused = subscribe({ url: gatehouse.mqttUrl, ...person, password: 'a guess' }, ['a'])
  await refused.connack()
}
