// Compares the judge with the Public Key Interoperability Test Suite of NIST. Runs with `npm test -- --all`, which
// installs the suite.
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fingerprintOf } from '../read/certificate-fields.ts'
import { holdLists, type PkitsTest, pkitsFolder, readPkitsAnchor, readPkitsTests } from '../testing/pkits.ts'
import { judgeChain, makeTrustStore } from './chain.ts'
import { namelessVerdicts, pkitsDeviations, pkitsVerdicts } from './pkits-verdicts.ts'
import { makeRevocations } from './revocations.ts'

/** Within the years of the suite, 2010 to 2030, and after the dates that it expects to have passed. */
const at = new Date('2026-03-01T00:00:00Z')

async function verdictOn({ presented, lists }: PkitsTest): Promise<string> {
  const anchor = readPkitsAnchor()
  const held = await holdLists(lists, [anchor, ...presented.slice(1)], at)
  const verdict = judgeChain({
    presented,
    trustStore: makeTrustStore([{ fingerprint: fingerprintOf(anchor), der: anchor, usernames: [] }]),
    revocations: makeRevocations({ revoked: new Map(), lists: held, whenExpired: 'refuse' }),
    at,
  })
  return verdict.trusted ? 'ok' : verdict.reason
}

function acceptedByNist(name: string): boolean {
  if (namelessVerdicts.ok.includes(name)) return true
  if (namelessVerdicts.refused.includes(name)) return false
  expect(name).toMatch(/^(Valid|Invalid)/)
  return name.startsWith('Valid')
}

// For machines where the suite cannot be installed: the tests count as skipped.
describe.skipIf(!existsSync(pkitsFolder))('NIST PKITS (Debian package python3-cryptography-vectors)', () => {
  const tests = existsSync(pkitsFolder) ? readPkitsTests() : []
  const expected = new Map(
    Object.entries(pkitsVerdicts).flatMap(([verdict, names]) => names.map((name) => [name, verdict] as const)),
  )

  test('has exactly one verdict in the table for each of the 224 chains', () => {
    expect(tests.map(({ name }) => name).toSorted()).toEqual([...expected.keys()].toSorted())
    expect(tests).toHaveLength(224)
  })

  test.each(tests)('$name', async (each) => {
    expect(await verdictOn(each)).toBe(expected.get(each.name))
  })

  test('explains each verdict that differs from NIST, and no other', () => {
    const differing = [...expected].filter(([name, verdict]) => (verdict === 'ok') !== acceptedByNist(name))
    const explained = pkitsDeviations.flatMap(({ tests: names }) => names)
    expect(explained.toSorted()).toEqual(differing.map(([name]) => name).toSorted())
  })
})
