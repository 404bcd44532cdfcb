import { expect, it } from 'vitest'
import { rowOfMapping, toMappings, toRows } from './mapping-rows.ts'

const mappings = [
  { source: 'cn=a', roleId: '1' },
  { source: 'cn=b', roleId: '1' },
  { source: 'cn=a', roleId: '2' },
]

it('shows one row for each source, with all its roles', () => {
  expect(toRows(mappings)).toEqual([
    { source: 'cn=a', roles: ['1', '2'] },
    { source: 'cn=b', roles: ['1'] },
  ])
})

it('sends one mapping for each role of a row, without the spaces around its source', () => {
  expect(toMappings([{ source: ' cn=a ', roles: ['1', '2'] }])).toEqual([
    { source: 'cn=a', roleId: '1' },
    { source: 'cn=a', roleId: '2' },
  ])
})

it('finds the row that an error of the server is about', () => {
  const rows = [
    { source: 'cn=a', roles: ['1', '2'] },
    { source: 'cn=none', roles: [] },
    { source: 'cn=b', roles: ['1'] },
  ]
  expect([0, 1, 2, 3].map((at) => rowOfMapping(rows, at))).toEqual([0, 0, 2, -1])
})
