// Compares the judge with `openssl verify` on generated chains. The table below explains each kind of difference.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, constant, constantFrom, oneof, record, sample } from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import {
  type Issued,
  issue,
  issueAuthority,
  type KeyKind,
  makeAuthority,
  type Recipe,
} from '../testing/certificates.ts'
import { writeBitString, writeElement, writeSequence } from '../testing/der-writer.ts'
import { judgeChain, makeTrustStore } from './chain.ts'
import { nothingRevoked } from './revocations.ts'

const folder = mkdtempSync(join(tmpdir(), 'pki-openssl-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** `openssl verify` is a process for each chain. The seed is fixed, so that the few chains are the first of the many. */
const count = process.env['GATEHOUSE_TEST_ALL'] ? 2_000 : 60

const at = new Date('2026-03-01T00:00:00Z')
const yesterday = new Date('2026-02-28T00:00:00Z')
const tomorrow = new Date('2026-03-02T00:00:00Z')

/** A CRLDistributionPoints extension with one URI. */
const revocationPoint = writeSequence(
  writeSequence(
    writeElement(0xa0, writeElement(0xa0, writeElement(0x86, Buffer.from('http://crl.plant.example/root.crl')))),
  ),
)

function netscapeType(critical: boolean, bits: number) {
  return { oid: '2.16.840.1.113730.1.1', critical, value: writeBitString(Buffer.from([bits])) }
}

const twists = {
  none: {},
  expired: { notAfter: yesterday },
  future: { notBefore: tomorrow },
  version1: { version: 1 },
  noConstraints: { basicConstraints: null },
  noUsage: { keyUsage: null },
  noConstraintsNoUsage: { basicConstraints: null, keyUsage: null },
  encipherOnly: { keyUsage: ['keyEncipherment'] },
  agreementOnly: { keyUsage: ['keyAgreement'] },
  pathLength0: { basicConstraints: { isAuthority: true, pathLength: 0 } },
  pathLength1: { basicConstraints: { isAuthority: true, pathLength: 1 } },
  serverAuth: { extendedKeyUsage: ['serverAuth'] },
  clientAuth: { extendedKeyUsage: ['clientAuth'] },
  bothAuth: { extendedKeyUsage: ['serverAuth', 'clientAuth'] },
  anyUsage: { extendedKeyUsage: ['anyExtendedKeyUsage'] },
  noExtendedUsage: { extendedKeyUsage: null },
  weakKey: { key: 'rsa-1024' },
  critical: { extraExtensions: [{ oid: '1.2.3', critical: true, value: writeSequence() }] },
  notCritical: { extraExtensions: [{ oid: '1.2.3', critical: false, value: writeSequence() }] },
  noSubjectKeyIdentifier: { hasSubjectKeyIdentifier: false },
  noAuthorityKeyIdentifier: { authorityKeyIdentifier: 'none' },
  wrongAuthorityKeyIdentifier: { authorityKeyIdentifier: 'wrong' },
  forged: { isForged: true },
  notCaPathLength: { basicConstraints: { isAuthority: false, pathLength: 0 } },
  criticalListPlace: { extraExtensions: [{ oid: '2.5.29.31', critical: true, value: revocationPoint }] },
  netscapeClient: { extraExtensions: [netscapeType(true, 0x80)] },
  netscapeServer: { extraExtensions: [netscapeType(true, 0x40)] },
  netscapeServerNotCritical: { extraExtensions: [netscapeType(false, 0x40)] },
  sha1: { hash: 'sha1' },
  sha512: { hash: 'sha512' },
} satisfies Record<string, Recipe>

type Twist = keyof typeof twists

interface Plan {
  anchorKey: KeyKind
  /** Anchor first, leaf last. */
  twists: Twist[]
  shape: 'plain' | 'incomplete' | 'strangers' | 'twin' | 'middle-anchor' | 'self-issued' | 'leaf-trusted'
}

const twist = oneof(
  { weight: 3, arbitrary: constant<Twist>('none') },
  { weight: 2, arbitrary: constantFrom(...(Object.keys(twists) as Twist[])) },
)
const plans = record<Plan>({
  anchorKey: constantFrom('p-256', 'p-256', 'rsa-2048', 'ed25519'),
  twists: array(twist, { minLength: 2, maxLength: 4 }),
  shape: oneof(
    { weight: 4, arbitrary: constant('plain' as const) },
    {
      weight: 3,
      arbitrary: constantFrom('incomplete', 'strangers', 'twin', 'middle-anchor', 'self-issued', 'leaf-trusted'),
    },
  ),
})

interface Chain {
  presented: Issued[]
  anchors: Issued[]
}

function build({ anchorKey, twists: names, shape }: Plan): Chain {
  const [anchorTwist = 'none', ...rest] = names
  const anchor = makeAuthority({ subject: 'Root', key: anchorKey, ...twists[anchorTwist] })
  const certificates = [anchor]
  for (const [i, name] of rest.entries()) {
    const above = certificates[0] ?? anchor
    const subject = shape === 'self-issued' ? 'Root' : `Middle ${i}`
    const isLeaf = i === rest.length - 1
    certificates.unshift(isLeaf ? issue(above, twists[name]) : issueAuthority(above, { subject, ...twists[name] }))
  }
  const stranger = makeAuthority({ subject: 'Stranger' })
  const twin = makeAuthority({ subject: 'Root' })
  const presented = certificates.slice(0, -1)
  switch (shape) {
    case 'incomplete':
      return { presented: presented.slice(0, 1), anchors: [anchor] }
    case 'strangers':
      return { presented: [...presented, stranger, issueAuthority(stranger)], anchors: [stranger, anchor] }
    case 'twin':
      return { presented, anchors: [twin, anchor] }
    case 'middle-anchor':
      return { presented: presented.slice(0, 1), anchors: certificates.slice(1, 2) }
    case 'leaf-trusted':
      return { presented, anchors: [anchor, ...presented.slice(0, 1)] }
    case 'plain':
    case 'self-issued':
      break
  }
  return { presented, anchors: [anchor] }
}

const pems = (issued: Issued[]) => issued.map(({ certificatePem }) => certificatePem).join('')

function opensslAccepts({ presented, anchors }: Chain): boolean {
  writeFileSync(join(folder, 'leaf.pem'), pems(presented.slice(0, 1)))
  writeFileSync(join(folder, 'untrusted.pem'), pems(presented))
  writeFileSync(join(folder, 'trusted.pem'), pems(anchors))
  const options = [
    '-partial_chain',
    '-purpose',
    'sslclient',
    '-attime',
    String(at.getTime() / 1000),
    '-auth_level',
    '2',
  ]
  const files = ['-trusted', 'trusted.pem', '-untrusted', 'untrusted.pem', 'leaf.pem']
  const { status } = spawnSync('openssl', ['verify', ...options, ...files], { cwd: folder })
  return status === 0
}

/**
 * Why Gatehouse decides differently from openssl 3.0. The first one that applies counts; a difference without one fails
 * the test.
 */
const explanations: { says: string; applies: (plan: Plan, ours: string) => boolean }[] = [
  {
    says: 'RFC 5280 §6.1.4 k: version 3 without basic constraints is not a CA; openssl accepts keyCertSign as proof',
    applies: ({ twists: names }, ours) => ours === 'not_a_ca' && names.some((name) => name.startsWith('noConstraints')),
  },
  {
    says: 'Gatehouse treats a version 1 root as one with path length 0',
    applies: ({ twists: names }, ours) => ours === 'path_too_long' && names[0] === 'version1',
  },
  {
    says: 'Gatehouse accepts no authority or anchor as a client; openssl accepts a trusted leaf',
    applies: ({ shape }, ours) => ours === 'client_is_authority' && shape === 'leaf-trusted',
  },
  {
    says: 'anyExtendedKeyUsage allows clientAuth (RFC 5280 §4.2.1.12); openssl requires clientAuth itself',
    applies: ({ twists: names }, ours) => ours === 'ok' && names.includes('anyUsage'),
  },
  {
    says: 'key identifiers are hints, the signature decides; openssl refuses an issuer whose identifier differs',
    applies: ({ twists: names }, ours) => ours === 'ok' && names.includes('wrongAuthorityKeyIdentifier'),
  },
  {
    says: 'openssl tries only one of two authorities with one subject',
    applies: ({ shape }, ours) => ours === 'ok' && (shape === 'twin' || shape === 'self-issued'),
  },
]

test('decides as openssl does, or differs for a reason in the table', () => {
  const used = new Map<string, number>()
  let accepted = 0
  for (const plan of sample(plans, { numRuns: count, seed: 20_260_301 })) {
    const chain = build(plan)
    const trustStore = makeTrustStore(
      chain.anchors.map(({ fingerprint, der }) => ({ fingerprint, der, usernames: [] })),
    )
    const verdict = judgeChain({
      presented: chain.presented.map(({ der }) => der),
      trustStore,
      revocations: nothingRevoked,
      at,
    })
    const ours = verdict.trusted ? 'ok' : verdict.reason
    if (verdict.trusted) accepted++
    if (verdict.trusted === opensslAccepts(chain)) continue
    const explanation = explanations.find(({ applies }) => applies(plan, ours))?.says
    expect(explanation, `${JSON.stringify(plan)}: ours ${ours}`).toBeDefined()
    used.set(explanation ?? '', (used.get(explanation ?? '') ?? 0) + 1)
  }
  // Guards against a comparison of refusals only.
  expect(accepted).toBeGreaterThan(0.2 * count)
  expect(accepted).toBeLessThan(0.8 * count)
  if (process.env['SHOW_DIFFERENCES'])
    process.stdout.write(`${accepted} accepted; ${JSON.stringify([...used], null, 1)}\n`)
}, 900_000)
