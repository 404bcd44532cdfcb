/** MQTT clients with the password of a directory, where its settings allow them. */
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshAdmin } from '../../../test/authenticator.ts'
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

async function change(body: { enabled?: boolean; keepsCertificates?: boolean; settings?: object }): Promise<void> {
  const admin = await freshAdmin(world.app)
  await admin(identityProviders.update, { params: { id: world.provider.id }, body: { kind: 'ldap', ...body } })
}
const allowMqtt = (mqttPasswords: boolean) => change({ settings: { mqttPasswords } })

/** A connection that stays. */
async function stay(username: string) {
  const port = Number(new URL(world.app.started.mqttUrl ?? '').port)
  const client = await connectClient(port, { connect: { username, password: Buffer.from(directoryPassword) } })
  expect(await client.connack()).toBe(0)
  return client
}

describe.skipIf(!hasSlapd)('an MQTT client with the password of a directory', () => {
  it('is refused until the settings of the directory allow it, and again after that', async () => {
    expect(await connect('alice')).toBe(4)
    await allowMqtt(true)
    expect(await connect('alice')).toBe(0)
    expect(await connect('alice', 'wrong')).toBe(4)
    await allowMqtt(false)
    expect(await connect('alice')).toBe(4)
    await allowMqtt(true)
    // bob has never signed in to the console, so there is no user of this name.
    expect(await connect('bob')).toBe(4)
  })

  it.each<[string, Parameters<typeof change>[0], Parameters<typeof change>[0]]>([
    ['the directory is disabled', { enabled: false }, { enabled: true }],
    [
      'the directory is disabled and certificates go on',
      { enabled: false, keepsCertificates: true },
      { enabled: true, keepsCertificates: false },
    ],
    [
      'the directory allows them no longer',
      { settings: { mqttPasswords: false } },
      { settings: { mqttPasswords: true } },
    ],
  ])('is disconnected when %s', async (_name, closing, opening) => {
    const client = await stay('alice')
    const { keepsCertificates = false } = closing
    const params = { id: world.provider.id }
    const impact = await world.admin(identityProviders.impact, { params, body: { keepsCertificates } })
    expect(impact).toMatchObject({ connections: 1 })
    await change(closing)
    await client.closed
    expect(await connect('alice')).toBe(4)
    await change(opening)
    expect(await connect('alice')).toBe(0)
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

  it('is disconnected when the last sign-in at a directory without a service account is too old', async () => {
    await change({ settings: { bind: 'direct', userRdn: 'uid', lastSignInDays: 3 } })
    await world.signIn('alice')
    const client = await stay('alice')
    world.app.advance(3 * 24 * 60 * 60_000 + 1)
    await client.closed
    expect(await connect('alice')).toBe(4)
    await world.signIn('alice')
    expect(await connect('alice')).toBe(0)
    await change({ settings: { bind: 'service' } })
  })

  it('is throttled like other MQTT clients, apart from the console', async () => {
    for (let at = 0; at < 6; at++) await connect('alice', `wrong ${at}`)
    expect(await connect('alice')).not.toBe(0)
    await world.signIn('alice')
  })
})
