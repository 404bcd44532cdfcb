import { array, assert, boolean, constantFrom, property, record, string, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeFormula, readEntries, readGrants, unescapeFormula, writeGrants } from './user-csv.ts'
import { GrantMethod } from './users.ts'

describe('grants in a cell', () => {
  it('are restored as they were written', () => {
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
  ])('reads %j', (cell, grants) => expect(readGrants(cell)).toEqual(grants))
})

it('lists are split at any of the separators', () => {
  expect(readEntries(' line-3 reader | b;c ,, d ')).toEqual(['line-3 reader', 'b', 'c', 'd'])
})

describe('the escape of a formula', () => {
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
  ])('turns %j into the cell %j and back', (text, cell) => {
    expect(escapeFormula(text)).toBe(cell)
    expect(unescapeFormula(cell)).toBe(text)
  })

  it('restores any text, and no escaped cell begins as a formula', () => {
    const head = array(constantFrom("'", '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＠', 'a'), { maxLength: 6 })
    assert(
      property(tuple(head, string()), ([start, rest]) => {
        const text = start.join('') + rest
        expect(unescapeFormula(escapeFormula(text))).toBe(text)
        expect(escapeFormula(text)).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
      }),
    )
  })

  it('is not removed from text that has none', () => {
    expect(unescapeFormula('=1')).toBe('=1')
  })
})
