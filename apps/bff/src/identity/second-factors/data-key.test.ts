/** The secret key at the start: made, rotated, lost. The server reports a lost key and overwrites nothing. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeBrowser } from '../../../test/app.ts'
import { makePhone, type Phone, signIn } from '../../../test/authenticator.ts'
import { openBackDoor } from '../../../test/back-door.ts'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import { failToStartHere, startHere } from '../../../test/start-here.ts'

/** What the phone shows; the time is the real one, so the tests go through the three codes that are good at once. */
const clock = {
  now: () => new Date(),
  advance: () => {
    throw new Error('The clock of this server cannot be moved')
  },
}

let dataDir: string
let database: TestDatabase
let keyFile: string
let firstKey: string
let phone: Phone
let backupCodes: string[]
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
  database = await makeDatabase(dataDir)
  keyFile = join(dataDir, 'secret.key')
  await whileRunning({}, async (signedIn) => {
    const { call } = await signedIn()
    phone = makePhone(clock, await call(mfa.enrol, {}))
    backupCodes = (await call(mfa.verify, { body: { code: phone.code(-1) } })).backupCodes
  })
  firstKey = (await readFile(keyFile, 'utf8')).trim()
})
afterAll(async () => {
  await database.remove()
  await rm(dataDir, { recursive: true })
})

const newKey = () => randomBytes(32).toString('base64')

type SignIn = () => ReturnType<typeof signIn>

async function whileRunning(env: Record<string, string>, work: (signedIn: SignIn) => Promise<void>): Promise<string> {
  const server = await startHere(dataDir, { ...database.env, ...env })
  await work(() => signIn({ browser: () => makeBrowser(() => server.url) }, 'admin'))
  await server.stop()
  return server.printed()
}

const useBackupCode = (env: Record<string, string>) =>
  whileRunning(env, async (signedIn) => {
    const { call } = await signedIn()
    const answer = await call(session.secondFactor, { body: { backupCode: backupCodes.pop() ?? '' } })
    expect(answer).toMatchObject({ stage: 'full', backupCodesLeft: backupCodes.length })
  })

/** All files but those that SQLite makes while it reads, and what is kept elsewhere. */
async function fingerprints(): Promise<Record<string, string>> {
  const entries = (await readdir(dataDir, { withFileTypes: true })).filter((entry) => entry.isFile())
  const names = entries
    .map(({ name }) => name)
    .filter((name) => !/-(shm|wal)$/.test(name))
    .toSorted()
  const hashes = names.map(async (name) => {
    const content = await readFile(join(dataDir, name))
    return [name, createHash('sha256').update(content).digest('hex')] as const
  })
  const kept = 'url' in database.place ? await rows(database.place) : ''
  return { ...Object.fromEntries(await Promise.all(hashes)), kept }
}

async function rows(place: TestDatabase['place']): Promise<string> {
  const door = openBackDoor({ database: place, url: '' })
  const everything = await door.everything()
  await door.close()
  return everything
}

async function refusedStart(env: Record<string, string>, says: RegExp): Promise<void> {
  const before = await fingerprints()
  expect(await failToStartHere(dataDir, { ...database.env, ...env })).toMatch(says)
  expect(await fingerprints()).toEqual(before)
}

describe('the secret key', () => {
  it('stops the first start if it is malformed', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
    await writeFile(join(empty, 'secret.key'), 'not a key at all')
    expect(await failToStartHere(empty, { GATEHOUSE_FRESH_START: 'allow' })).toMatch(/^\S+secret\.key is no key/)
    expect(await readFile(join(empty, 'secret.key'), 'utf8')).toBe('not a key at all')
    await rm(empty, { recursive: true })
  })

  it('is made at the first start: 32 bytes, readable by its owner only, not in the database', async () => {
    expect(Buffer.from(firstKey, 'base64')).toHaveLength(32)
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
    const { place } = database
    const bytes = 'file' in place ? await readFile(place.file) : Buffer.from(await rows(place))
    expect(bytes.includes(firstKey)).toBe(false)
    expect(bytes.includes(Buffer.from(firstKey, 'base64'))).toBe(false)
  })

  it('stops the start if it is lost, and everything works after it is put back', async () => {
    await rm(keyFile)
    await refusedStart({}, /^\S+secret\.key is missing/)
    expect(await readdir(dataDir)).not.toContain('secret.key')
    await writeFile(keyFile, `${firstKey}\n`, { mode: 0o600 })
    await useBackupCode({})
  })

  it.each([
    ['another one', () => newKey()],
    ['half of it', () => firstKey.slice(0, 20)],
    ['nothing', () => ''],
    ['rubbish', () => 'not a key at all'],
  ])('stops the start if its file has %s', async (_what, content) => {
    await writeFile(keyFile, content())
    await refusedStart({}, /^\S+secret\.key/)
    await writeFile(keyFile, `${firstKey}\n`, { mode: 0o600 })
  })

  it('stops the start if the environment has another one, with or without the file', async () => {
    await refusedStart({ GATEHOUSE_SECRET_KEY: newKey() }, /^GATEHOUSE_SECRET_KEY/)
    await refusedStart({ GATEHOUSE_SECRET_KEY: `${newKey()},${newKey()}` }, /^GATEHOUSE_SECRET_KEY/)
  })

  it('is rotated by one start with the new key before the old one', async () => {
    const key = newKey()
    await whileRunning({ GATEHOUSE_SECRET_KEY: `${key},${firstKey}` }, async (signedIn) => {
      const { call } = await signedIn()
      expect(await call(session.secondFactor, { body: { code: phone.code() } })).toMatchObject({ stage: 'full' })
    })
    await rm(keyFile)
    await refusedStart({ GATEHOUSE_SECRET_KEY: firstKey }, /^GATEHOUSE_SECRET_KEY/)
    const printed = await whileRunning({ GATEHOUSE_SECRET_KEY: key }, async (signedIn) => {
      const { call } = await signedIn()
      expect(await call(session.secondFactor, { body: { code: phone.code(1) } })).toMatchObject({ stage: 'full' })
    })
    expect(printed).not.toContain(key)
    await useBackupCode({ GATEHOUSE_SECRET_KEY: key })
    expect(await readdir(dataDir)).not.toContain('secret.key')
    // Back to the file.
    await writeFile(keyFile, `${key}\n`, { mode: 0o600 })
    await useBackupCode({})
  })
})
