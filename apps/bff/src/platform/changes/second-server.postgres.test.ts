/** Two servers on one PostgreSQL, each with its own data folder. The brokers of both follow one change log. */
import { copyFile, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { users } from '@gatehouse/contract/identity/users'
import { connectAsync } from 'mqtt'
import { expect, it } from 'vitest'
import { goodPassword, startApp } from '../../../test/app.ts'
import { freshAdmin, makeUser } from '../../../test/authenticator.ts'
import { startImport } from '../../../test/import-users.ts'

it('ends the connection of a user whom the other server disables while it imports users', async () => {
  const first = await startApp()
  const { GATEHOUSE_DATABASE_URL = '' } = first.env
  const second = await startApp(
    {},
    {
      dataDir: await copyKeys(first.dataDir),
      database: { place: first.database, env: { GATEHOUSE_DATABASE_URL }, remove: async () => {} },
    },
  )
  const { id } = await makeUser(first, 'press-7')
  const client = await connectAsync(second.started.mqttUrl ?? '', {
    username: 'press-7',
    password: goodPassword,
    reconnectPeriod: 0,
  })
  const closed = new Promise<void>((resolve) => {
    client.once('close', resolve)
  })
  const importing = startImport(first)
  const admin = await freshAdmin(first)
  await importing.isUnderWay
  await admin(users.update, { params: { id }, body: { disabled: true } })
  await closed
  expect(await importing.end()).toBeGreaterThan(500)
  await second.stop()
  await first.stop()
})

/** The keys are the same on both servers. Returns the new data folder. */
async function copyKeys(dataDir: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-second-'))
  const files = (await readdir(dataDir)).filter((name) => /\.(key|crt)$/.test(name))
  for (const name of files) await copyFile(join(dataDir, name), join(folder, name))
  return folder
}
