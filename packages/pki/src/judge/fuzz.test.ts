// Feeds mutated bytes to the readers and the judge. The answer must be certificates, a CRL, a verdict or a PkiError,
// and it must come soon. It runs for 3 seconds, with `npm test -- --all` for 60; FUZZ_MS sets another time.
import { beforeAll, expect, test } from 'vitest'
import { clientKeyKinds, makeClientRequest } from '../make/client-request.ts'
import { judgeAuthority } from '../read/authority.ts'
import { readBundle, toPem } from '../read/certificate.ts'
import { readRequest } from '../read/certificate-request.ts'
import { readCommonName } from '../read/common-name.ts'
import { PkiError } from '../read/pki-error.ts'
import { isOlderList, judgeRevocationList, readRevocationList } from '../read/revocation-list.ts'
import { issue, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { writeElement, writeInteger, writeOid, writeSequence } from '../testing/der-writer.ts'
import { distributionPoint, makeRevocationList } from '../testing/revocation.ts'
import { costMs } from '../testing/time.ts'
import { judgeChain, makeTrustStore } from './chain.ts'
import { nothingRevoked } from './revocations.ts'

const wholeMs = process.env['GATEHOUSE_TEST_ALL'] ? 60_000 : 3_000
// One third of the time each for certificates, CRLs and requests.
const fuzzMs = Number(process.env['FUZZ_MS'] ?? wholeMs) / 3
const at = new Date('2026-03-01T00:00:00Z')

const root = makeAuthority({ key: 'rsa-2048' })
const middle = issueAuthority(root, { key: 'p-256', alternativeNames: ['a.example', '::1'] })
const samples = [
  root,
  middle,
  issue(middle, { key: 'ed25519' }),
  issue(root, { isPss: true, subject: [[{ type: 'CN', value: 'x', encoding: 'bmp' }], [{ type: 'O', value: 'y' }]] }),
  makeAuthority({ version: 1 }),
]
// SignedData that contains only certificates (RFC 5652 §5.1).
const pkcs7 = writeSequence(
  writeOid('1.2.840.113549.1.7.2'),
  writeElement(
    0xa0,
    writeSequence(
      writeInteger(1),
      writeElement(0x31),
      writeSequence(writeOid('1.2.840.113549.1.7.1')),
      writeElement(0xa0, ...samples.map((sample) => sample.der)),
      writeElement(0x31),
    ),
  ),
)

const trustStore = makeTrustStore([{ fingerprint: root.fingerprint, der: root.der, usernames: [] }])

// A seeded generator: the number in the message of a failure repeats it.
function makeRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39)
    return ((mixed ^ (mixed >>> 16)) >>> 0) % below
  }
}

const interesting = [0, 1, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xa0, 0xa3, 0xff]

function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  let out = Buffer.from(bytes)
  for (let times = random(4) + 1; times > 0; times--) {
    const place = random(Math.max(out.length, 1))
    const kind = random(5)
    if (kind === 0) out[place] = random(256)
    else if (kind === 1) out[place] = interesting[random(interesting.length)] ?? 0
    else if (kind === 2) out = out.subarray(0, place)
    else if (kind === 3) out = Buffer.concat([out.subarray(0, place), out.subarray(place + random(8))])
    else out = Buffer.concat([out.subarray(0, place), out.subarray(random(out.length), place), out.subarray(place)])
  }
  return out
}

async function readOrRefuse(input: string | Uint8Array): Promise<void> {
  try {
    for (const info of await readBundle(input)) judgeAuthority(info, at)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
  }
}

test('accepts the inputs before they are mutated', async () => {
  expect(await readBundle(pkcs7)).toHaveLength(samples.length)
})

test('answers mutated certificates and bundles with certificates or a PkiError', {
  timeout: fuzzMs + 20_000,
}, async () => {
  let seed = Number(process.env['FUZZ_SEED'] ?? 1)
  for (const end = performance.now() + fuzzMs; performance.now() < end; seed++) {
    const random = makeRandom(seed)
    const der = mutate(samples[random(samples.length)]?.der ?? root.der, random)
    const pem = samples.map((sample) => sample.certificatePem).join('# comment\n') + toPem('CERTIFICATE', der)
    const inputs = [
      der,
      toPem('CERTIFICATE', der),
      mutate(Buffer.from(pem), random).toString(),
      Buffer.from(der).toString('base64'),
      mutate(pkcs7, random),
    ]
    try {
      for (const input of inputs) expect(await costMs(() => readOrRefuse(input), 50)).toBeLessThan(50)
      const presented = random(2) === 0 ? [der, middle.der] : [samples[2]?.der ?? der, der]
      expect(
        await costMs(() => void judgeChain({ presented, trustStore, revocations: nothingRevoked, at }), 50),
      ).toBeLessThan(50)
      readCommonName(der)
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed}`, { cause: error })
    }
  }
})

const entries = [7n, { serialNumber: 2n ** 150n, reason: 1 }, { serialNumber: 9n, reason: 8 }]
const invalidity = { oid: '2.5.29.24', value: writeElement(0x18, Buffer.from('20250101000000Z')) }
const lists = [
  makeRevocationList(root, { entries }),
  makeRevocationList(middle, { entries: [{ serialNumber: 7n, reason: 1, extensions: [invalidity] }] }),
  makeRevocationList(root, { version: 1, entries: [7n], nextUpdate: null }),
  makeRevocationList(middle, { number: 2n ** 150n, extensions: [distributionPoint(0x81, 0x84)] }),
]
const maxListBytes = 10 * 1024 * 1024

async function judgeOrRefuse(input: string | Uint8Array): Promise<void> {
  try {
    const list = await readRevocationList(input, maxListBytes)
    const problems = await Promise.all([root, middle].map(({ der }) => judgeRevocationList(list, der, at)))
    // Both authorities signed the original, so an accepted certificate must be the original bit for bit.
    const isAsMade = lists.some((each) => Buffer.compare(each, list.der) === 0)
    if (problems.includes(null) && !isAsMade) throw new Error('A mutated list was taken')
    isOlderList(list, list)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
  }
}

test('accepts the CRLs before they are mutated', async () => {
  for (const list of lists) await judgeOrRefuse(list)
  expect(await judgeRevocationList(await readRevocationList(lists[0] ?? '', maxListBytes), root.der, at)).toBeNull()
})

test('answers mutated CRLs with a CRL or a PkiError', { timeout: fuzzMs + 20_000 }, async () => {
  let seed = Number(process.env['FUZZ_SEED'] ?? 1)
  for (const end = performance.now() + fuzzMs; performance.now() < end; seed++) {
    const random = makeRandom(seed)
    const sample = lists[random(lists.length)] ?? root.der
    const der = mutate(sample, random)
    const inputs = [
      der,
      toPem('X509 CRL', der),
      mutate(Buffer.from(toPem('X509 CRL', sample)), random).toString(),
      Buffer.from(der).toString('base64'),
    ]
    try {
      for (const input of inputs) expect(await costMs(() => judgeOrRefuse(input), 50)).toBeLessThan(50)
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed}`, { cause: error })
    }
  }
})

function takeOrRefuse(input: string): void {
  try {
    const read = readRequest(input)
    if (typeof read !== 'string' && !requestKeys.some((spki) => Buffer.compare(spki, read.spki) === 0)) {
      throw new Error('A request was accepted that its key did not sign')
    }
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
  }
}

const requests: Uint8Array[] = []
const requestKeys: Uint8Array[] = []
beforeAll(async () => {
  for (const kind of clientKeyKinds) {
    const { request } = await makeClientRequest(kind, 'device001')
    const read = readRequest(toPem('CERTIFICATE REQUEST', request))
    requests.push(request)
    if (typeof read !== 'string') requestKeys.push(read.spki)
  }
})

test('answers mutated requests with a request or a PkiError', { timeout: fuzzMs + 20_000 }, async () => {
  expect(requestKeys).toHaveLength(3)
  let seed = Number(process.env['FUZZ_SEED'] ?? 1)
  for (const end = performance.now() + fuzzMs; performance.now() < end; seed++) {
    const random = makeRandom(seed)
    const sample = requests[random(requests.length)] ?? root.der
    const der = mutate(sample, random)
    const inputs = [
      toPem('CERTIFICATE REQUEST', der),
      mutate(Buffer.from(toPem('CERTIFICATE REQUEST', sample)), random).toString(),
      Buffer.from(der).toString('base64'),
    ]
    try {
      for (const input of inputs) expect(await costMs(() => takeOrRefuse(input), 50)).toBeLessThan(50)
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed}`, { cause: error })
    }
  }
})
