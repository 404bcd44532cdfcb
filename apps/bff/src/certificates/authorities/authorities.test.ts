import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuthorityUpload, authorities } from '@gatehouse/contract/certificates/authorities'
import { audit } from '@gatehouse/contract/operations/audit'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

async function upload(certificates: string, more: Partial<AuthorityUpload> = {}) {
  return (await app.as('admin'))(authorities.create, { body: { certificates, ...more } })
}

/** Inspecting and a refused upload change nothing, and both report the same. */
async function refusedUpload(certificates: string, code: Parameters<typeof refused>[1]) {
  const admin = await app.as('admin')
  const before = await door.everything()
  const problem = await refused(upload(certificates), code)
  const inspected = await admin(authorities.inspect, { body: { certificates } }).catch((error: unknown) => error)
  expect(await door.everything()).toBe(before)
  return { problem, inspected }
}

const fingerprints = (list: readonly { fingerprint: string }[]) => list.map(({ fingerprint }) => fingerprint)
const base64 = ({ der }: Pick<Issued, 'der'>) => Buffer.from(der).toString('base64')

describe('leaving certificates of an upload out', () => {
  const past = new Date(Date.now() - 86_400_000)
  const good = makeAuthority({ subject: 'Good of a bundle' })
  const expired = makeAuthority({ subject: 'Expired of a bundle', notAfter: past })
  const leaf = issue(good, { subject: 'device001' })
  const bundle = [good, expired, leaf].map(({ certificatePem }) => certificatePem).join('')

  it('is allowed only for the problem that was named; any other refuses the whole upload', async () => {
    await app.as('admin')
    const before = await door.everything()
    await refused(upload(bundle), 'authority_refused')
    const { fields } = await refused(upload(bundle, { leaveOut: ['expired'] }), 'authority_refused')
    expect(Object.values(fields)).toEqual(['not_a_ca'])
    expect(await door.everything()).toBe(before)
  })

  it('is shown by the inspection; the upload trusts the others, and its answer names both', async () => {
    const admin = await app.as('admin')
    const body = { certificates: bundle, leaveOut: ['expired' as const, 'not_a_ca' as const] }
    const { certificates } = await admin(authorities.inspect, { body })
    expect(certificates.map(({ leftOut }) => leftOut)).toEqual([false, true, true])
    const { added, leftOut } = await admin(authorities.create, { body })
    expect(fingerprints(added)).toEqual([good.fingerprint])
    expect(leftOut).toMatchObject([
      { fingerprint: expired.fingerprint, subject: 'CN=Expired of a bundle', problems: ['expired'] },
      { fingerprint: leaf.fingerprint, problems: ['not_a_ca'] },
    ])
    for (const params of [expired, leaf]) await refused(admin(authorities.view, { params }), 'not_found')
  })

  it('is refused if no certificate remains', async () => {
    const before = await door.everything()
    const answer = await upload(expired.certificatePem, { leaveOut: ['expired'] })
    expect(answer).toMatchObject({ added: [], existing: [], leftOut: [{ fingerprint: expired.fingerprint }] })
    expect(await door.everything()).toBe(before)
  })
})

describe('an uploaded authority', () => {
  it('in PEM is shown as it was inspected, and is recorded in the audit', async () => {
    const admin = await app.as('admin')
    const authority = makeAuthority({ subject: 'Plant CA' })
    const { certificates } = await admin(authorities.inspect, { body: { certificates: authority.certificatePem } })
    expect(certificates).toMatchObject([
      { fingerprint: authority.fingerprint, isAuthority: true, problems: [], existing: false },
    ])
    await refused(admin(authorities.view, { params: authority }), 'not_found')

    const { added, existing, live } = await upload(authority.certificatePem)
    expect({ existing, live }).toEqual({ existing: [], live: true })
    expect(added).toMatchObject([
      { name: 'Plant CA', builtIn: false, usernames: [], uploadedBy: 'admin', connections: 0 },
    ])
    const { problems: _problems, existing: _existing, leftOut: _leftOut, ...description } = certificates[0] ?? {}
    expect(await admin(authorities.view, { params: authority })).toEqual({ ...description, ...added[0] })
    expect(await admin(authorities.download, { params: authority })).toBe(authority.certificatePem)
    const { items } = await admin(audit.list, { search: { 'target[eq]': authority.fingerprint } })
    expect(items).toMatchObject([
      { action: 'authority.added', actor: { username: 'admin' }, target: { name: 'Plant CA' } },
    ])
  })

  it('may be PEM with text around it, many in one file, base64 of DER, or PKCS#7 made by openssl', async () => {
    const made = ['one', 'two', 'three', 'four', 'five'].map((subject) => makeAuthority({ subject }))
    const [one, two, three, four, five] = made as [Issued, Issued, Issued, Issued, Issued]
    const several = await upload(`Subject: one\n${one.certificatePem}\r\n\r\nand another\n${two.certificatePem}`)
    expect(fingerprints(several.added).toSorted()).toEqual(fingerprints([one, two]).toSorted())
    expect(fingerprints((await upload(base64(three))).added)).toEqual([three.fingerprint])

    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-pkcs7-'))
    await writeFile(join(folder, 'four.pem'), four.certificatePem)
    await writeFile(join(folder, 'five.pem'), five.certificatePem)
    const pkcs7 = (form: string) =>
      execFileSync(
        'openssl',
        ['crl2pkcs7', '-nocrl', '-certfile', 'four.pem', '-certfile', 'five.pem', '-outform', form],
        {
          cwd: folder,
        },
      )
    const fromDer = await upload(pkcs7('DER').toString('base64'))
    expect(fingerprints(fromDer.added).toSorted()).toEqual(fingerprints([four, five]).toSorted())
    const fromPem = await upload(pkcs7('PEM').toString())
    expect(fingerprints(fromPem.existing).toSorted()).toEqual(fingerprints([four, five]).toSorted())
    await rm(folder, { recursive: true })
  })

  it('is reported as existing the second time, also within one file', async () => {
    const [again, twice] = [makeAuthority({ subject: 'again' }), makeAuthority({ subject: 'twice' })]
    await upload(again.certificatePem)
    const second = await upload(again.certificatePem, { name: 'Another name', usernames: ['x-*'] })
    expect(second).toMatchObject({
      added: [],
      existing: [{ fingerprint: again.fingerprint, name: 'again', usernames: [] }],
    })
    expect((await upload(twice.certificatePem + twice.certificatePem)).added).toHaveLength(1)
  })

  it('with the subject of another one and a different key is stored, with a warning on both', async () => {
    const [first, second] = [makeAuthority({ subject: 'Namesake' }), makeAuthority({ subject: 'Namesake' })]
    expect((await upload(first.certificatePem)).added[0]?.warnings).toEqual([])
    expect((await upload(second.certificatePem)).added[0]?.warnings).toEqual(['same_subject'])
    const admin = await app.as('admin')
    expect((await admin(authorities.view, { params: first })).warnings).toEqual(['same_subject'])
  })

  it('has a warning if it is of version 1, not yet valid, or an intermediate', async () => {
    const root = makeAuthority({ subject: 'Far root' })
    const cases: [Issued, string][] = [
      [makeAuthority({ subject: 'Old form', version: 1 }), 'version_1'],
      [makeAuthority({ subject: 'Tomorrow', notBefore: new Date(Date.now() + 86_400_000) }), 'not_yet_valid'],
      [issueAuthority(root, { subject: 'Between' }), 'intermediate'],
    ]
    for (const [{ certificatePem }, warning] of cases) {
      expect((await upload(certificatePem)).added[0]?.warnings).toContain(warning)
    }
  })

  it('gets a readable name, whatever its subject contains', async () => {
    const subjects = ['a\u202eb', 'line\nbreak', 'x'.repeat(150), '   ', 'NUL\0here', 'half\u2028line']
    for (const subject of subjects) {
      const [authority] = (await upload(makeAuthority({ subject }).certificatePem)).added
      expect(authority?.name).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,100}$/u)
      expect(authority?.name.trim()).toBe(authority?.name)
    }
  })
})

describe('refuses the whole upload for', () => {
  const good = makeAuthority({ subject: 'Good one' })
  const leaf = issue(good, { subject: 'device001' })
  const old = makeAuthority({ subject: 'Past', notAfter: new Date('2021-01-01T00:00:00Z') })

  it.each([
    ['a client certificate', leaf, 'not_a_ca'],
    ['an expired certificate', old, 'expired'],
  ])('with %s in it, and inspecting it says why', async (_what, bad, why) => {
    const { problem, inspected } = await refusedUpload(good.certificatePem + bad.certificatePem, 'authority_refused')
    expect(problem.fields).toEqual({ 'certificates.1': why })
    expect(inspected).toMatchObject({ certificates: [{ problems: [] }, { problems: expect.arrayContaining([why]) }] })
  })

  it.each([
    ['alone', good.privateKeyPem],
    ['a bad block behind a certificate', good.certificatePem + good.privateKeyPem],
    ['base64 without armour', good.privateKeyPem.replace(/-----.*-----|\s/g, '')],
    ['a wrong PEM label', good.privateKeyPem.replaceAll('PRIVATE KEY', 'CERTIFICATE')],
  ])('with a private key, %s; and it is nowhere afterwards', async (_how, text) => {
    const { problem, inspected } = await refusedUpload(text, 'private_key')
    expect(problem.fields).toEqual({ certificates: 'private_key' })
    expect(inspected).toMatchObject({ code: 'private_key' })
    const secret = good.privateKeyPem.split('\n')[1] ?? ''
    expect(JSON.stringify(problem.problem)).not.toContain(secret.slice(0, 20))
    const entries = readdirSync(app.dataDir, { recursive: true, withFileTypes: true })
    for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
      expect(readFileSync(join(parentPath, name), 'latin1')).not.toContain(secret)
    }
  })

  it.each([
    ['words', 'a text that is not a certificate'],
    ['an empty block', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
    ['half a certificate', good.certificatePem.slice(0, 200)],
    [
      'a certificate and rubbish',
      `${good.certificatePem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    ],
    ['a request', '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n'],
    ['nearly 4 MiB of letters', 'rubbish '.repeat(524_000)],
    ['nearly 4 MiB of base64', 'QUJD'.repeat(1_048_000)],
    ['a hundred thousand openings', '-----BEGIN CERTIFICATE-----\n'.repeat(100_000)],
  ])('as %s', async (_what, text) => {
    const { problem } = await refusedUpload(text, 'not_a_certificate')
    expect(problem.fields).toEqual({ certificates: 'not_a_certificate' })
  })

  it('a missing or invalid choice of whom it may vouch for', async () => {
    const admin = await app.as('admin')
    const certificates = good.certificatePem
    const before = await door.everything()
    await refused(upload(''), 'invalid')
    for (const glob of ['a b', 'line-3/#', '', '[abc]', 'x'.repeat(65)]) {
      const problem = await refused(upload(certificates, { usernames: [glob] }), 'invalid')
      expect(problem.fields).toEqual({ 'usernames.0': 'invalid' })
    }
    await refused(admin(authorities.create, { body: { certificates, trusted: true } as AuthorityUpload }), 'invalid')
    expect(await door.everything()).toBe(before)
  })
})
