/**
 * A certificate with a copied public key proves nothing about that key: its limit must not affect clients of the real
 * key's holder.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { Call } from '@gatehouse/contract/client'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { addMachine, connectMachine, trust } from '../../../test/machines.ts'
import { withChain } from '../../../test/mqtt-client.ts'

const plant = makeAuthority({ subject: 'Plant' })
// Its issuer is not in the trust store, so nothing there can verify its signature.
const office = issueAuthority(makeAuthority({ subject: 'Office Root' }), { subject: 'Office' })
const device = issue(plant, { subject: 'plant-press' })
const printer = issue(office, { subject: 'office-printer' })

let app: TestApp
let admin: Call
let operator: Call
let door: BackDoor
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-forged-'))
  app = await startApp()
  door = openBackDoor(app)
  admin = await app.as('admin')
  operator = await app.as('operator')
  await trust(app, plant)
  await trust(app, office, ['office-*'])
  await addMachine(app, 'plant-press', [{ context: 'mqtt', resource: 'plant/#', operation: 'read' }])
  await addMachine(app, 'office-printer', [{ context: 'mqtt', resource: 'office/#', operation: 'read' }])
})
afterAll(async () => {
  await door.close()
  await app.stop()
  rmSync(folder, { recursive: true })
})

const file = (name: string) => join(folder, name)
const openssl = (...options: string[]) => execFileSync('openssl', options, { cwd: folder, stdio: 'pipe' })

const authorityExtensions = 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign'

/** The output of `openssl x509 -force_pubkey`: the victim's public key, signed with the attacker's key. */
interface Forgery {
  by?: Issued
  extensions?: string
}

function forge(victim: Issued, subject: string, { by, extensions = authorityExtensions }: Forgery = {}): string {
  writeFileSync(file('victim.crt'), victim.certificatePem)
  writeFileSync(file('extensions'), `${extensions}\n`)
  openssl('x509', '-in', 'victim.crt', '-pubkey', '-noout', '-out', 'victim.pub')
  openssl(
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'own.key',
    '-subj',
    subject,
    '-out',
    'own.csr',
  )
  const signing = by ? ['-CA', 'by.crt', '-CAkey', 'by.key', '-CAcreateserial'] : ['-signkey', 'own.key']
  if (by) writeFileSync(file('by.crt'), by.certificatePem)
  if (by) writeFileSync(file('by.key'), by.privateKeyPem)
  openssl(
    'x509',
    '-req',
    '-in',
    'own.csr',
    ...signing,
    '-force_pubkey',
    'victim.pub',
    '-days',
    '100',
    '-extfile',
    'extensions',
    '-out',
    'forged.crt',
  )
  return readFileSync(file('forged.crt'), 'utf8')
}

async function connects(certificate: Issued): Promise<number | null> {
  const client = await connectMachine(app, certificate)
  const code = await client.connack()
  client.socket.destroy()
  return code
}

const upload = (call: Call, certificates: string, usernames: string[]) =>
  call(authorities.create, { body: { certificates, usernames } })

async function refusedWithoutEffect(calling: () => Promise<unknown>, code: Parameters<typeof refused>[1]) {
  const before = await everything()
  await refused(calling(), code)
  expect(await everything()).toBe(before)
}

/** The broker reports every few seconds when a machine was last seen. */
const everything = async () => (await door.everything()).replaceAll(/"last_sign_in_at":[^,]+,/g, '')

describe('a certificate with the public key of another authority, limited to names of no user', () => {
  it("made with openssl -force_pubkey does not disconnect the other authority's devices", async () => {
    const client = await connectMachine(app, device)
    expect(await client.connack()).toBe(0)
    const forged = forge(plant, '/CN=Nobody')
    const { certificates } = await admin(authorities.inspect, { body: { certificates: forged } })
    expect(certificates[0]?.warnings).toContain('unproven_key')
    await upload(operator, forged, ['line-3-nobody'])
    expect(await client.settle()).toBe(true)
    expect(await connects(device)).toBe(0)
    client.socket.destroy()
  })

  it('does not disconnect them with the name of that authority either', async () => {
    await upload(operator, forge(plant, '/CN=Plant'), ['line-3-nobody'])
    await upload(operator, forge(office, '/CN=Office'), ['line-3-nobody'])
    expect(await connects(device)).toBe(0)
    expect(await connects(printer)).toBe(0)
  })

  it('does not disconnect them if a trusted authority of the attacker signed it', async () => {
    const own = makeAuthority({ subject: 'Line 3' })
    await upload(operator, own.certificatePem, ['line-3-*'])
    await upload(operator, forge(plant, '/CN=Below Line 3', { by: own }), ['line-3-nobody'])
    expect(await connects(device)).toBe(0)
  })

  it('does not disable an authority that is uploaded later', async () => {
    const later = makeAuthority({ subject: 'Later' })
    await upload(operator, forge(later, '/CN=Nobody'), ['line-3-nobody'])
    await trust(app, later)
    expect(await connects(issue(later, { subject: 'plant-press' }))).toBe(0)
  })
})

it('does not shorten the paths of a trusted intermediate if it is a forged root above it with a path length of 0', async () => {
  const root = makeAuthority({ subject: 'Mill Root' })
  const mill = issueAuthority(root, { subject: 'Mill' })
  const hall = issueAuthority(mill, { subject: 'Hall' })
  const machine = withChain(issue(hall, { subject: 'plant-press' }), hall)
  await trust(app, mill)
  expect(await connects(machine)).toBe(0)
  const forged = forge(root, '/CN=Mill Root', { extensions: 'basicConstraints=critical,CA:TRUE,pathlen:0' })
  await upload(operator, forged, ['line-3-nobody'])
  expect(await connects(machine)).toBe(0)
  const constrained =
    'basicConstraints=critical,CA:TRUE\nnameConstraints=critical,permitted;dirName:nobody\n[nobody]\nO=Nobody'
  await upload(operator, forge(root, '/CN=Mill Root', { extensions: constrained }), ['line-3-nobody'])
  expect(await connects(machine)).toBe(0)
})

it("an operator's limit on the intermediate of a trusted root does not disconnect the root's devices", async () => {
  const root = makeAuthority({ subject: 'Foundry Root' })
  const middle = issueAuthority(root, { subject: 'Foundry' })
  const crossSigned = issueAuthority(makeAuthority({ subject: 'Partner' }), {
    subject: 'Foundry',
    privateKeyPem: middle.privateKeyPem,
  })
  const machine = withChain(issue(middle, { subject: 'plant-press' }), middle)
  await trust(app, root)
  const client = await connectMachine(app, machine)
  expect(await client.connack()).toBe(0)
  await upload(operator, middle.certificatePem + crossSigned.certificatePem, ['line-3-nobody'])
  expect(await client.settle()).toBe(true)
  expect(await connects(machine)).toBe(0)
  client.socket.destroy()
  await admin(authorities.remove, { params: { fingerprint: middle.fingerprint } })
  await upload(admin, middle.certificatePem, ['line-3-nobody'])
  expect(await connects(machine)).toBe(5)
})

it('does not hide another authority by thirty copies of its name and key identifier', async () => {
  const identifier = execFileSync('openssl', ['x509', '-noout', '-ext', 'subjectKeyIdentifier'], {
    input: plant.certificatePem,
  })
  const hex = identifier.toString().split('\n')[1]?.trim().replaceAll(':', '') ?? ''
  const id = Buffer.from(hex, 'hex')
  const extension = { oid: '2.5.29.14', critical: false, value: Buffer.concat([Buffer.from([4, id.length]), id]) }
  const recipe = { subject: 'Plant', hasSubjectKeyIdentifier: false, extraExtensions: [extension] }
  const namesakes = Array.from({ length: 30 }, () => makeAuthority(recipe))
  await upload(operator, namesakes.map(({ certificatePem }) => certificatePem).join(''), ['line-3-nobody'])
  expect(await connects(device)).toBe(0)
})

it('cannot be limited by an operator who does not cover the users of the other authority if it is a true copy', async () => {
  const renewed = makeAuthority({ subject: 'Plant', privateKeyPem: plant.privateKeyPem })
  await refusedWithoutEffect(() => upload(operator, renewed.certificatePem, ['line-3-*']), 'above_caller')
  expect(await connects(device)).toBe(0)
})

it("limits both if an administrator limits a true copy, and the other authority's page says so", async () => {
  const own = makeAuthority({ subject: 'Supplier' })
  const copy = makeAuthority({ subject: 'Supplier', privateKeyPem: own.privateKeyPem })
  await trust(app, own)
  await upload(admin, copy.certificatePem, ['supplier-*'])
  expect(await connects(issue(own, { subject: 'plant-press' }))).toBe(5)
  expect((await admin(authorities.view, { params: own })).warnings).toContain('limited_elsewhere')
})
