import { array, assert, boolean, constantFrom, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEntries, readGrants, withoutShield, writeGrants } from './user-csv.ts'
import { GrantMethod } from './users.ts'

describe('grants in a cell', () => {
  it('come back as they were written', () => {
    const grant = record({ method: constantFrom(...GrantMethod.options), isRequired: boolean() })
    assert(
      property(array(grant), (grants) => {
        expect(readGrants(writeGrants(grants))).toEqual(grants)
      }),
    )
  })

  it.each([
    ['', []],
    [' Password ', [{ method: 'password', isRequired: false }]],
    [
      'certificate(required), TOKEN;',
      [
        { method: 'certificate', isRequired: true },
        { method: 'token', isRequired: false },
      ],
    ],
    ['password required', null],
    ['passwords', null],
    ['password|kerberos', null],
    ['(required)', null],
  ])('%j', (cell, grants) => expect(readGrants(cell)).toEqual(grants))
})

it('lists are read whatever stands between', () => {
  expect(readEntries(' line-3 reader | b;c ,, d ')).toEqual(['line-3 reader', 'b', 'c', 'd'])
})

it.each([
  ["'=1+1", '=1+1'],
  ["'@x", '@x'],
  ["'-", '-'],
  ["'t Hooft", "'t Hooft"],
  ["''=1", "''=1"],
  ['=1', '=1'],
])('%j becomes %j', (cell, text) => expect(withoutShield(cell)).toBe(text))
