import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IssuedPems, makeAuthority } from '@gatehouse/pki/make/issue'
import { issueRevocationList } from '@gatehouse/pki/make/revocation-list'
import { readBundle } from '@gatehouse/pki/read/certificate'
import { issueAuthority, makeAuthority as makeTestAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clearPending } from './pending-trust.ts'
import { applyTrustFiles } from './trust-files.ts'
import { type CurrentCrl, compileTrust, type TrustedCa } from './trust-state.ts'

const at = new Date()

interface Made {
  authority: IssuedPems
  ca: TrustedCa
  crl: CurrentCrl
}

async function make(commonName: string): Promise<Made> {
  const authority = await makeAuthority({ commonName, days: 10, at })
  const [info] = await readBundle(authority.certificatePem)
  if (!info) throw new Error('no certificate')
  const pem = await issueRevocationList({
    authority,
    revoked: [{ serialNumber: '0a', at }],
    number: at.getTime(),
    days: 7,
    at,
  })
  return {
    authority,
    ca: { ...info, name: commonName, isLimited: false, limitedBy: null },
    crl: { issuerKey: info.keyFingerprint, pem, nextUpdate: null },
  }
}

let one: Made
let two: Made
let folder: string
let capath: string
let crlFile: string
beforeAll(async () => {
  one = await make('Plant')
  // The same name for OpenSSL.
  two = await make('plant ')
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-capath-'))
  crlFile = join(folder, 'crl.pem')
})
beforeEach(async () => {
  capath = await mkdtemp(join(folder, 'ca-'))
})
afterAll(() => rm(folder, { recursive: true }))

const stateOf = (...made: Made[]) =>
  compileTrust(
    made.map(({ ca }) => ca),
    { crls: made.map(({ crl }) => crl), usesCrls: true, at },
  )
const apply = async (...made: Made[]) => applyTrustFiles({ capath, crlFile }, await stateOf(...made))

describe('the folder of CAs', () => {
  it('gets the names that openssl looks up, and is left alone the second time', async () => {
    expect(await apply(one, two)).toEqual({ pending: 'signal', isOnlyCrl: true, foreign: [] })
    const names = (await readdir(capath)).filter((name) => !name.startsWith('.'))
    const hash = execFileSync('openssl', ['x509', '-noout', '-subject_hash', '-in', join(capath, names[0] ?? '')])
    expect(names.toSorted()).toEqual([0, 1].map((number) => `${hash.toString().trim()}.${number}`))
    expect(execFileSync('openssl', ['crl', '-noout', '-issuer', '-in', crlFile]).toString()).toMatch(/plant/i)
    // Until Mosquitto has taken it up.
    expect(await apply(one, two)).toMatchObject({ pending: 'signal' })
    await clearPending(capath)
    expect(await apply(one, two)).toMatchObject({ pending: null })
  })

  it('closes the gap that a removed CA leaves, because OpenSSL stops at it', async () => {
    await apply(one, two)
    expect(await apply(two)).toMatchObject({ pending: 'kick' })
    await clearPending(capath)
    const [name = '', ...more] = await readdir(capath)
    expect(name).toMatch(/\.0$/)
    expect(more).toEqual([])
    expect(await readFile(join(capath, name), 'utf8')).toContain(two.ca.pem)
  })

  it('asks to end connections when a CRL revokes another certificate, but not when it is only renewed', async () => {
    const { authority } = one
    const crlOf = async (...serials: string[]): Promise<Made> => {
      const revoked = serials.map((serialNumber) => ({ serialNumber, at }))
      const later = new Date(at.getTime() + 1000)
      const pem = await issueRevocationList({ authority, revoked, number: later.getTime(), days: 9, at: later })
      return { ...one, crl: { ...one.crl, pem } }
    }
    await apply(one)
    await clearPending(capath)
    expect(await apply(await crlOf('0a'))).toMatchObject({ pending: 'signal' })
    await clearPending(capath)
    expect(await apply(await crlOf('0a', '0b'))).toMatchObject({ pending: 'kick' })
    // A change that follows before Mosquitto was signalled does not weaken it.
    expect(await apply(one, two)).toMatchObject({ pending: 'kick' })
  })

  it('names links, keys, folders, junk and foreign CAs, and touches none of them', async () => {
    const fileName = (await stateOf(one)).authorities[0]?.fileName ?? ''
    await writeFile(join(capath, fileName), two.ca.pem)
    await writeFile(join(capath, 'server.key'), '-----BEGIN EC PRIVATE KEY-----\n')
    await writeFile(join(capath, 'notes.txt'), 'hello')
    await symlink('/etc/passwd', join(capath, '12345678.0'))
    await mkdir(join(capath, 'old'))
    const { foreign } = await apply(one)
    expect(Object.fromEntries(foreign.map(({ name, kind }) => [name, kind]))).toEqual({
      [fileName]: 'authority',
      'server.key': 'key',
      'notes.txt': 'other',
      '12345678.0': 'link',
      old: 'folder',
    })
    expect(await readFile(join(capath, fileName), 'utf8')).toBe(two.ca.pem)
    expect(await readFile(join(capath, fileName.replace('.0', '.1')), 'utf8')).toContain(one.ca.pem)
    expect(await readdir(capath)).toHaveLength(7)
  })

  it('writes nothing when a certificate or a CRL cannot be read, or when there is no CRL', async () => {
    await apply(one)
    const before = [await readdir(capath), await readFile(crlFile, 'utf8')]
    const { authorities, crls } = await stateOf(one, two)
    const write = (state: { authorities: typeof authorities; crls: string[] }) =>
      applyTrustFiles({ capath, crlFile }, state)
    await expect(write({ authorities, crls: ['garbage'] })).rejects.toMatchObject({ code: 'bad_crl' })
    await expect(write({ authorities, crls: [] })).rejects.toMatchObject({ code: 'no_crl' })
    const garbled = authorities.map((each) => ({ ...each, pem: 'garbage' }))
    await expect(write({ authorities: garbled, crls })).rejects.toMatchObject({ code: 'bad_certificate' })
    expect([await readdir(capath), await readFile(crlFile, 'utf8')]).toEqual(before)
  })

  it('says that the folder does not exist', async () => {
    capath = join(folder, 'missing')
    await expect(apply(one)).rejects.toMatchObject({ code: 'not_writable' })
  })
})

const below = (made: Made, issuer: string): Made => ({ ...made, ca: { ...made.ca, issuer, selfSigned: false } })

describe('which CAs a Mosquitto gets', () => {
  it('leaves out a CA with a username limit, and the CA above it', async () => {
    const [root, other] = [makeTestAuthority({ subject: 'Root' }), makeTestAuthority({ subject: 'Other' })]
    const line = issueAuthority(root, { subject: 'Line 3' })
    const cas = await Promise.all(
      [root, other, line].map(async (each) => {
        const [info] = await readBundle(each.certificatePem)
        if (!info) throw new Error('no certificate')
        return { ...info, name: info.subject, isLimited: each === line, limitedBy: null }
      }),
    )
    const { authorities, remarks } = await compileTrust(cas, { crls: [], usesCrls: false, at })
    expect(authorities.map(({ pem }) => pem)).toEqual([other.certificatePem])
    expect(remarks.get('authority_limited')).toEqual(['CN=Root', 'CN=Line 3'])
  })

  it('names a CA without a CRL, one with an expired CRL, and one without a root', async () => {
    const { crls, remarks } = await compileTrust([one.ca, two.ca, below(two, 'CN=Other').ca], {
      crls: [{ ...one.crl, nextUpdate: new Date(at.getTime() - 1) }],
      usesCrls: true,
      at,
    })
    expect(crls).toHaveLength(1)
    expect(Object.fromEntries(remarks)).toEqual({
      authority_limited: [],
      authority_without_root: ['plant '],
      authority_without_crl: ['plant '],
      authority_crl_expired: ['Plant'],
    })
  })
})
