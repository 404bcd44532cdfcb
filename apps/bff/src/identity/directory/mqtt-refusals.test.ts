/** Refusals over MQTT do not tell users of a directory from others. The directory of this test answers when the test says so. */

import { identityProviders } from '@gatehouse/contract/identity/providers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { makeUser } from '../../../test/authenticator.ts'
import { addDirectory, openProvisioning, type Provisioning } from '../../../test/provisioning.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { findProvider } from '../providers/store.ts'
import type { DirectoryAnswer, RefusalManner } from '../users/directory-passwords.ts'
import { makeMqttPasswordCheck } from './mqtt-password.ts'

let app: TestApp
let world: Provisioning
let database: OpenDatabase
let providerId: string
beforeAll(async () => {
  app = await startApp()
  world = await openProvisioning(app)
  database = await openDatabase(app.database)
  await makeUser(app, 'local')
  providerId = await addDirectory(await app.as('admin'), 'plant')
  await world.provide(providerId, { subject: 'e-1', username: 'of-directory' })
})
afterAll(async () => {
  await database.close()
  await world.close()
  await app.stop()
})

/** `asked`: the names that it has asked the directory about. */
function makeCheck(answer: DirectoryAnswer, manner: RefusalManner) {
  const asked: string[] = []
  const check = makeMqttPasswordCheck({
    ...database,
    reader: database.db,
    clock: { now: () => app.now() },
    passwordKnown: () => {},
    directories: {
      ask: async ({ username, origin }) => {
        if (origin === null || !origin.startsWith('ldap:')) return { outcome: 'not-asked' }
        asked.push(username)
        return answer
      },
      refusal: async () => manner,
      mqttVersion: async () => null,
    },
  })
  return { check, asked }
}

/** What a client with a wrong password gets: by name, where the directory answers so. */
async function refusals(answer: DirectoryAnswer, manner: RefusalManner) {
  const { check, asked } = makeCheck(answer, manner)
  const names = ['local', 'of-directory', 'unknown']
  const answers = await Promise.all(
    names.map((username) => check({ username, password: 'a wrong one', address: '192.0.2.1' })),
  )
  return { asked, answers }
}

it('takes as long for a user of a directory, a local user and an unknown name', async () => {
  const manner = { lastsMs: 700, isAnyDown: false }
  const refusal = { result: 'wrong', lastsMs: 700 }
  expect(await refusals({ outcome: 'wrong' }, manner)).toEqual({
    asked: ['of-directory'],
    answers: [refusal, refusal, refusal],
  })
})

it('says to all three that it cannot check passwords while a directory does not answer', async () => {
  const manner = { lastsMs: 3_600, isAnyDown: true }
  const { answers } = await refusals({ outcome: 'unavailable', isRefused: false }, manner)
  const refusal = { result: 'busy', lastsMs: 3_600 }
  expect(answers).toEqual([refusal, refusal, refusal])
})

it('does not wait where no directory allows MQTT passwords', async () => {
  const { answers } = await refusals({ outcome: 'not-asked' }, { lastsMs: 0, isAnyDown: false })
  expect(answers).toEqual(['wrong', 'wrong', 'wrong'])
})

it('answers a right password as late as a wrong one when the last sign-in is too old', async () => {
  const admin = await app.as('admin')
  const settings = { bind: 'direct' as const, userRdn: 'uid', mqttPasswords: true, lastSignInDays: 2 }
  await admin(identityProviders.update, { params: { id: providerId }, body: { kind: 'ldap', settings } })
  const provider = await findProvider(database.db, providerId)
  if (!provider) throw new Error('The provider is missing')
  const person = { subject: 'e-1', username: 'of-directory', displayName: null, isDisabled: false, groups: [] }
  const answer = { outcome: 'right', account: { ...person, provider } } as const
  const { check } = makeCheck(answer, { lastsMs: 700, isAnyDown: false })
  const attempt = { username: 'of-directory', password: 'the right one', address: '192.0.2.2' }
  expect(await check(attempt)).toBe('right')
  app.advance(2 * 24 * 60 * 60_000 + 1)
  expect(await check(attempt)).toEqual({ result: 'wrong', lastsMs: 700 })
})
