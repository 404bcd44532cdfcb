/** Every user of the plant, with its old password, by Mosquitto's own clients. */
import { mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { eventually } from '../../../test/broker-world.ts'
import { killClients, mosquitto } from '../../../test/mosquitto.ts'
import { everyPlantUser, makePlant, passwordOf } from '../../../test/mosquitto-plant.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(async () => {
  killClients()
  await app.stop()
})

async function importPlant(): Promise<void> {
  const admin = await app.as('admin')
  const files = makePlant()
  const { digest } = await admin(mosquittoImports.preview, { body: { files } })
  const { id } = await admin(mosquittoImports.create, { body: { files, digest } })
  await eventually(async () => {
    expect(await admin(mosquittoImports.view, { params: { id } })).toMatchObject({
      state: 'done',
      created: { users: 300 },
    })
  })
}

it('each of 300 users signs in by mosquitto_pub and mosquitto_sub, and has its own topic', async () => {
  await importPlant()
  const port = new URL(app.started.mqttUrl ?? '').port
  for (const username of everyPlantUser) {
    const topic = `devices/${username}/state`
    const as = ['-p', port, '-u', username, '-P', passwordOf(username), '-t', topic]
    const published = await mosquitto('mosquitto_pub', [...as, '-m', `by ${username}`, '-r', '-q', '1', '-V', 'mqttv5'])
      .ended
    expect(published).not.toMatch(/failed|refused|not authori[sz]ed/i)
    expect(await mosquitto('mosquitto_sub', [...as, '-C', '1', '-W', '60']).ended).toContain(`by ${username}`)
  }
})
