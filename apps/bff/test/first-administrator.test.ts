/** The password that the program prints at its first start: for one sign-in, and printed once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { afterAll, expect, it } from 'vitest'
import { greet } from '../src/greeting.ts'
import { refused } from './app.ts'
import { startHere } from './start-here.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-first-'))
afterAll(() => rmSync(folder, { recursive: true }))

const start = () => startHere(folder, { GATEHOUSE_ADMIN_PASSWORD: '' })

it('the first start prints a password that must be changed before anything else, and the next start prints none', async () => {
  const first = await start()
  const [line = ''] = greet(first).split('\n')
  const { username, password } = JSON.parse(line) as Record<'username' | 'password', string>
  const anyone = createClient({ baseUrl: first.url })
  await refused(anyone(session.login, { body: { username, password } }), 'login_incomplete')
  await refused(anyone(session.login, { body: { username, password: `${password}x` } }), 'wrong_credentials')
  expect(first.printed()).not.toContain(password)
  await first.stop()
  const second = await start()
  expect(greet(second)).not.toContain('first sign-in')
  await second.stop()
})
