/** MQTT clients with the password of a directory, where its settings allow them. */
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DirectoryWorld, directoryPassword, startDirectoryWorld } from '../../../test/directory-world.ts'
import { connectClient } from '../../../test/mqtt-client.ts'
import { hasSlapd } from '../../../test/slapd.ts'

let world: DirectoryWorld
beforeAll(async () => {
  if (!hasSlapd) return
  world = await startDirectoryWorld()
  await world.signIn('alice')
})
afterAll(() => world?.stop())

/** The return code of the CONNACK: 0 admitted, 3 try again later, 4 refused. */
async function connect(username: string, password = directoryPassword): Promise<number | null> {
  const port = Number(new URL(world.app.started.mqttUrl ?? '').port)
  const client = await connectClient(port, { connect: { username, password: Buffer.from(password) } })
  const code = await client.connack()
  client.socket.destroy()
  return code
}

const allowMqtt = (mqttPasswords: boolean) =>
  world.admin(identityProviders.update, {
    params: { id: world.provider.id },
    body: { kind: 'ldap', settings: { mqttPasswords } },
  })

describe.skipIf(!hasSlapd)('an MQTT client with the password of a directory', () => {
  it('is refused until the settings of the directory allow it, and again after that', async () => {
    expect(await connect('alice')).toBe(4)
    await allowMqtt(true)
    expect(await connect('alice')).toBe(0)
    expect(await connect('alice', 'wrong')).toBe(4)
    await allowMqtt(false)
    expect(await connect('alice')).toBe(4)
    await allowMqtt(true)
    // bob has never signed in to the console, so he is no user here.
    expect(await connect('bob')).toBe(4)
  })

  it('is remembered for ten minutes, and told to come back later where the directory does not answer', async () => {
    expect(await connect('alice')).toBe(0)
    await world.slapd.stop()
    expect(await connect('alice')).toBe(0)
    world.app.advance(11 * 60_000)
    expect(await connect('alice')).toBe(3)
    await world.slapd.start()
    await expect.poll(() => connect('alice')).toBe(0)
  })

  it('is throttled like other MQTT clients, apart from the console', async () => {
    for (let at = 0; at < 6; at++) await connect('alice', `wrong ${at}`)
    expect(await connect('alice')).not.toBe(0)
    await world.signIn('alice')
  })
})
