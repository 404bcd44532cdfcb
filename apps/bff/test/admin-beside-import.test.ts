/** `npm run admin` in a process of its own, while the server imports users. The broker follows the change log of both. */
import { connectAsync } from 'mqtt'
import { expect, it } from 'vitest'
import { runAdmin } from './admin-process.ts'
import { goodPassword, startApp } from './app.ts'
import { makeUser } from './authenticator.ts'
import { importUsers } from './import-users.ts'

/** A change holds on the broker within a second. */
const withinMs = 1_000

it('ends a connection whose password the command replaced, within a second beside an import of 10,000 users', async () => {
  const app = await startApp()
  await makeUser(app, 'press-7')
  const client = await connectAsync(app.started.mqttUrl ?? '', {
    username: 'press-7',
    password: goodPassword,
    reconnectPeriod: 0,
  })
  const closed = new Promise<number>((resolve) => {
    client.once('close', () => resolve(performance.now()))
  })
  const importing = importUsers(app, 10_000)
  await importing.isUnderWay
  expect(await runAdmin(['reset-password', 'press-7'], app.env)).toMatchObject({ code: 0, err: '' })
  const endedAt = performance.now()
  expect((await closed) - endedAt).toBeLessThan(withinMs)
  expect(importing.made()).toBeLessThan(10_000)
  await importing.finished
  await app.stop()
})
