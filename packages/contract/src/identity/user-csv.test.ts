import { array, assert, boolean, constantFrom, property, record, string, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEntries, readGrants, withoutShield, withShield, writeGrants } from './user-csv.ts'
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

describe('the shield before a formula', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['@x', "'@x"],
    ['-', "'-"],
    ['＝1', "'＝1"],
    ["'=1", "''=1"],
    ["'''+1", "''''+1"],
    ["'t Hooft", "'t Hooft"],
    ["'", "'"],
    ['', ''],
    ['a=1', 'a=1'],
  ])('makes %j the cell %j, and is taken away again', (text, cell) => {
    expect(withShield(text)).toBe(cell)
    expect(withoutShield(cell)).toBe(text)
  })

  it('comes back as it was written, for any text, and no cell begins as a formula', () => {
    const head = array(constantFrom("'", '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＠', 'a'), { maxLength: 6 })
    assert(
      property(tuple(head, string()), ([start, rest]) => {
        const text = start.join('') + rest
        expect(withoutShield(withShield(text))).toBe(text)
        expect(withShield(text)).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
      }),
    )
  })

  it('that nobody put there is none: what a person typed stays', () => {
    expect(withoutShield('=1')).toBe('=1')
  })
})
