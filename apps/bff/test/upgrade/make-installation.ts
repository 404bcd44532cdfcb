/**
 * Fills an installation with one of each kind of thing that an upgrade must keep. It ran on commit 93fada1 to make the files in
 * `93fada1/`; `upgrade.test.ts` starts today's server on them. It calls only the public API, so that it also runs on a later commit.
 */

import { roles } from '@gatehouse/contract/access/roles'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { users } from '@gatehouse/contract/identity/users'
import { settings } from '@gatehouse/contract/operations/settings'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { expect } from 'vitest'
import { goodPassword, type TestApp } from '../app.ts'
import { makeEnrolled, makeUser, signIn } from '../authenticator.ts'
import { connectClient } from '../mqtt-client.ts'

/** What the upgrade test has to know: nothing of it can be read from the database. */
export interface Installation {
  madeAt: string
  password: string
  enrolled: { username: string; secret: string; usedBackupCode: string; backupCodes: string[]; cookie: string }
  /** A second factor whose enrolment was begun and not completed. */
  begun: { username: string; secret: string }
  cookies: Record<'admin', string>
  tokens: Record<'fromLogin' | 'fromConsole' | 'narrowed', string>
  devices: Record<'good' | 'revoked' | 'onList' | 'limited', { certificatePem: string; privateKeyPem: string }>
}

const days = 86_400_000

export async function makeInstallation(app: TestApp): Promise<Installation> {
  const admin = await app.as('admin')
  const madeAt = app.now()
  const plant = makeAuthority({ subject: 'Plant CA' })
  const area = makeAuthority({ subject: 'Area 5 CA' })
  const device = (subject: string) => issue(plant, { subject })
  const devices = {
    good: device('press-1'),
    revoked: issue(plant, { subject: 'press-1' }),
    onList: issue(plant, { subject: 'press-1', serialNumber: 77n }),
    limited: issue(area, { subject: 'area5-oven' }),
  }

  const sensor = await admin(roles.create, {
    body: {
      name: 'sensor',
      permissions: [
        { context: 'mqtt', resource: 'line-3/#', operation: 'write' },
        { context: 'mqtt', resource: 'line-3/+/settings', operation: 'read' },
      ],
    },
  })
  await admin(roles.create, {
    body: { name: 'auditor', permissions: [{ context: 'http', resource: '/api/audit/#', operation: 'read' }] },
  })
  for (const username of ['press-1', 'area5-oven']) {
    await admin(users.create, {
      body: { username, kind: 'machine', grantTypes: [{ method: 'certificate' }], roles: [sensor.id] },
    })
  }
  await admin(users.create, {
    body: {
      username: 'scale-1',
      password: goodPassword,
      kind: 'machine',
      roles: [sensor.id],
      mqttPublishPrefix: 'line-3/',
    },
  })
  await makeUser(app, 'told-to-enrol', { mfaRequired: true })
  await makeUser(app, 'told-to-change')
  const changing = await admin(users.list, { search: { search: 'told-to-change' } })
  await admin(users.setPassword, {
    params: { id: changing.items[0]?.id ?? '' },
    body: { newPassword: goodPassword, mustChange: true },
  })
  const gone = await makeUser(app, 'disabled-one')
  await admin(users.update, { params: { id: gone.id }, body: { disabled: true } })
  const deleted = await makeUser(app, 'deleted-one')
  await admin(users.remove, { params: { id: deleted.id } })

  await admin(authorities.create, { body: { certificates: plant.certificatePem, name: 'Plant' } })
  await admin(authorities.create, {
    body: { certificates: area.certificatePem, name: 'Area 5', usernames: ['area5-*'] },
  })
  await connectOnce(app, devices.good)
  await admin(revocations.create, { body: { certificate: devices.revoked.certificatePem, reason: 'keyCompromise' } })
  await admin(revocationLists.create, {
    params: { fingerprint: plant.fingerprint },
    body: {
      crl: Buffer.from(
        makeRevocationList(plant, {
          entries: [77n],
          thisUpdate: new Date(madeAt.getTime() - days),
          nextUpdate: new Date('2049-01-01T00:00:00Z'),
        }),
      ).toString('base64'),
    },
  })

  await admin(settings.update, { body: { session: { idleMinutes: 60, absoluteHours: 24 } } })

  const enrolled = await makeEnrolled(app, 'enrolled-one')
  const [usedBackupCode = '', ...backupCodes] = enrolled.backupCodes
  const elsewhere = await signIn(app, enrolled.username)
  await elsewhere.call(session.secondFactor, { body: { backupCode: usedBackupCode } })
  await makeUser(app, 'begun-one')
  const begun = await signIn(app, 'begun-one')
  const { secret } = await begun.call(mfa.enrol, {})

  const adminBrowser = await signIn(app, 'admin')
  const fromConsole = await adminBrowser.call(tokens.create, {
    body: { label: 'made in the console', expiresAt: null },
  })
  const narrowed = await adminBrowser.call(tokens.create, {
    body: {
      label: 'narrowed',
      expiresAt: null,
      permissions: [{ context: 'http', resource: '/api/users/#', operation: 'read' }],
    },
  })
  const fromLogin = await app.anyone(session.login, {
    body: { username: 'admin', password: goodPassword, expireTimeInHours: 8_760, label: 'from /login' },
  })
  return {
    madeAt: app.now().toISOString(),
    password: goodPassword,
    enrolled: {
      username: enrolled.username,
      secret: enrolled.phone.secret,
      usedBackupCode,
      backupCodes,
      cookie: enrolled.browser.cookie() ?? '',
    },
    begun: { username: 'begun-one', secret },
    cookies: { admin: adminBrowser.cookie() ?? '' },
    tokens: { fromLogin: fromLogin.token, fromConsole: fromConsole.token, narrowed: narrowed.token },
    devices: Object.fromEntries(
      Object.entries(devices).map(([name, { certificatePem, privateKeyPem }]) => [
        name,
        { certificatePem, privateKeyPem },
      ]),
    ) as Installation['devices'],
  }
}

/** The device appears on the list of certificates that were seen. */
async function connectOnce(app: TestApp, device: Parameters<typeof connectClient>[1]['tls'] & object): Promise<void> {
  const port = Number(new URL(app.started.mqttsUrl ?? '').port)
  const client = await connectClient(port, { tls: device })
  expect((await client.next('connack'))?.returnCode).toBe(0)
  client.socket.destroy()
}
