/**
 * The proof of the translation: users with their old passwords try their topics on a real Mosquitto and, after the import of its
 * files, on the embedded broker.
 */
import { spawnSync } from 'node:child_process'
import { type MosquittoImport, mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { eventually } from '../../../test/broker-world.ts'
import { killClients, mosquitto } from '../../../test/mosquitto.ts'
import {
  dynsecUsers,
  foreman,
  makeDynsecPlant,
  makePlant,
  type PlantBroker,
  passwordOf,
  plantUsers,
  runPlantBroker,
} from '../../../test/mosquitto-plant.ts'
import { leaveMessages, tryRights } from '../../../test/mosquitto-rights.ts'
import { readDraft } from './read-draft.ts'
import type { GivenFile } from './source-lines.ts'

const isMosquittoThere = spawnSync('mosquitto', ['-h']).error === undefined

async function importInto(app: TestApp, files: GivenFile[]): Promise<MosquittoImport> {
  const admin = await app.as('admin')
  const { digest } = await admin(mosquittoImports.preview, { body: { files } })
  const { id } = await admin(mosquittoImports.create, { body: { files, digest } })
  return eventually(async () => {
    const run = await admin(mosquittoImports.view, { params: { id } })
    expect(run.state).toBe('done')
    return run
  })
}

const signedInAs = (app: TestApp, username: string) => [
  '-p',
  String(portOf(app)),
  '-u',
  username,
  '-P',
  passwordOf(username),
]

const portOf = (app: TestApp) => Number(new URL(app.started.mqttUrl ?? '').port)

interface Difference {
  /** `panel-001 read line-1/press/state`: allowed by Mosquitto, and not after the import. */
  lost: string[]
  gained: string[]
}

async function compare(theirs: number, ours: number, usernames: readonly string[]): Promise<Difference> {
  for (const port of [theirs, ours]) await leaveMessages(port, usernames)
  const [lost, gained]: [string[], string[]] = [[], []]
  for (const username of usernames) {
    const [before, after] = [await tryRights(theirs, username), await tryRights(ours, username)]
    lost.push(...before.filter((right) => !after.includes(right)).map((right) => `${username} ${right}`))
    gained.push(...after.filter((right) => !before.includes(right)).map((right) => `${username} ${right}`))
  }
  return { lost, gained }
}

/** The users who lose something by a deny that no permission expresses, at most five for each line. */
async function usersUnderDeny(files: GivenFile[]): Promise<string[]> {
  const findings = (await readDraft(files)).findings.list().filter(({ code }) => code === 'deny_under_allow')
  return [...new Set(findings.flatMap(({ firstUsers }) => firstUsers))]
}

describe.skipIf(!isMosquittoThere)('after an import of acl_file and password_file', () => {
  const files = makePlant()
  let app: TestApp
  let broker: PlantBroker
  beforeAll(async () => {
    app = await startApp()
    broker = await runPlantBroker(files)
    await importInto(app, files)
  })
  afterAll(async () => {
    killClients()
    await broker.stop()
    await app.stop()
  })

  it('users of every kind have the rights that Mosquitto gives them, except for the lines that the preview lists', async () => {
    const some = Object.values(plantUsers).flatMap((names) => names.slice(0, 2))
    const { lost, gained } = await compare(broker.port, portOf(app), some)
    expect(gained).toEqual([])
    const listed = await usersUnderDeny(files)
    expect(listed.every((username) => username.startsWith('panel-'))).toBe(true)
    expect(lost.filter((right) => !listed.some((username) => right.startsWith(`${username} read `)))).toEqual([])
    expect(lost).toContain('panel-001 read line-1/press/state')
  })

  it('mosquitto_sub and mosquitto_pub sign in with the old passwords, and use their topics', async () => {
    const reader = mosquitto('mosquitto_sub', [
      ...signedInAs(app, 'press-120'),
      '-t',
      'line-1/press/state',
      '-R',
      '-W',
      '60',
      '-C',
      '1',
    ])
    await eventually(() => expect(reader.output()).toContain('SUBACK'))
    await mosquitto('mosquitto_pub', [
      ...signedInAs(app, 'press-119'),
      '-t',
      'line-1/press/state',
      '-m',
      'running',
      '-q',
      '1',
    ]).ended
    expect(await reader.ended).toContain('running')
    const wrong = mosquitto('mosquitto_pub', [...signedInAs(app, foreman), '-P', 'wrong', '-t', 'x', '-m', 'x'])
    expect(await wrong.ended).toMatch(/not authori[sz]ed|bad user name/i)
  })
})

describe.skipIf(!isMosquittoThere)('after an import of dynamic-security.json', () => {
  const files = makeDynsecPlant()
  let app: TestApp
  let broker: PlantBroker
  beforeAll(async () => {
    app = await startApp()
    broker = await runPlantBroker(files)
    await importInto(app, files)
  })
  afterAll(async () => {
    await broker.stop()
    await app.stop()
  })

  it('clients have the rights that the plugin gives them, except for what the preview lists', async () => {
    const { lost, gained } = await compare(broker.port, portOf(app), dynsecUsers)
    expect(gained).toEqual([])
    expect(await usersUnderDeny(files)).toEqual(['panel-001'])
    expect(lost.filter((right) => !right.startsWith('panel-001 read '))).toEqual([])
    expect(lost).toContain('panel-001 read hall 3/humidity')
  })
})
