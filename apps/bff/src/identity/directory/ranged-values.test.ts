import type { Entry } from 'ldapts'
import { expect, test } from 'vitest'
import type { Search } from './connection.ts'
import { rangedValues } from './ranged-values.ts'

const dn = 'CN=alice,DC=lab,DC=test'
const values = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `CN=group${from + at}`)

/** Answers as Active Directory does (MS-ADTS §3.1.1.3.1.3.3). */
function answering(last: number) {
  const asked: string[] = []
  const search = async ({ attributes: [attribute = ''] }: Search): Promise<Entry[]> => {
    asked.push(attribute)
    const from = Number(/range=(\d+)/.exec(attribute)?.[1])
    const to = Math.min(from + 1_499, last)
    return [{ dn, [`memberOf;range=${from}-${to === last ? '*' : to}`]: values(from, to) }]
  }
  return { asked, search }
}

test('reads all ranges of an attribute', async () => {
  const { asked, search } = answering(3_999)
  const entry: Entry = { dn, memberOf: [], 'memberOf;range=0-1499': values(0, 1_499) }
  expect(await rangedValues(search, entry, 'memberof')).toEqual(values(0, 3_999))
  expect(asked).toEqual(['memberof;range=1500-*', 'memberof;range=3000-*'])
})

test('asks nothing where there is no range', async () => {
  const { asked, search } = answering(0)
  expect(await rangedValues(search, { dn, memberOf: 'CN=staff' }, 'memberOf')).toEqual(['CN=staff'])
  expect(asked).toEqual([])
})

test('knows that the values are not complete where the next range is missing or repeated', async () => {
  const entry: Entry = { dn, 'memberOf;range=0-1499': values(0, 1_499) }
  expect(await rangedValues(async () => [], entry, 'memberOf')).toBeNull()
  expect(await rangedValues(async () => [{ dn }], entry, 'memberOf')).toBeNull()
  expect(await rangedValues(async () => [entry], entry, 'memberOf')).toBeNull()
})

test('gives up beyond 20,000 values', async () => {
  const entry: Entry = { dn, 'memberOf;range=0-1499': values(0, 1_499) }
  expect(await rangedValues(answering(100_000).search, entry, 'memberOf')).toBeNull()
})
