/** `npm run admin` in a process of its own, while the server imports users. The broker follows the change log of both. */
import { connectAsync } from 'mqtt'
import { expect, it } from 'vitest'
import { runAdmin } from './admin-process.ts'
import { goodPassword, startApp } from './app.ts'
import { makeUser } from './authenticator.ts'
import { startImport } from './import-users.ts'

it('ends a connection whose password the command replaced, while the server imports users', async () => {
  const app = await startApp()
  await makeUser(app, 'press-7')
  const client = await connectAsync(app.started.mqttUrl ?? '', {
    username: 'press-7',
    password: goodPassword,
    reconnectPeriod: 0,
  })
  const closed = new Promise<void>((resolve) => {
    client.once('close', resolve)
  })
  const importing = startImport(app)
  await importing.isUnderWay
  expect(await runAdmin(['reset-password', 'press-7'], app.env)).toMatchObject({ code: 0, err: '' })
  await closed
  expect(await importing.end()).toBeGreaterThan(500)
  await app.stop()
})
