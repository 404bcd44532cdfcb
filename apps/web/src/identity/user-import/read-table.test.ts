import { describe, expect, it } from 'vitest'
import { readTable, readText } from './read-table.ts'

const cellsOf = async (text: string) => (await readTable(text)).map(({ cells }) => cells)

describe('a table is read', () => {
  it.each([
    ['commas', 'username,roles\na,b\n'],
    ['semicolons', 'username;roles\na;b\n'],
    ['tabs', 'username\troles\na\tb\n'],
    ['CRLF', 'username,roles\r\na,b\r\n'],
    ['CR', 'username,roles\ra,b\r'],
    ['a mark at the beginning', '\uFEFFusername,roles\na,b'],
    ['quotes', '"username","roles"\n"a","b"'],
    ['no line break at the end', 'username,roles\na,b'],
  ])('with %s', async (_what, text) => {
    expect(await cellsOf(text)).toEqual([
      ['username', 'roles'],
      ['a', 'b'],
    ])
  })

  it('with separators, quotes and line breaks inside of quotes', async () => {
    expect(await cellsOf('username,displayName\r\na,"Weber, ""Jo""\r\nnas"\r\n')).toEqual([
      ['username', 'displayName'],
      ['a', 'Weber, "Jo"\r\nnas'],
    ])
  })

  it('with one column', async () => {
    expect(await cellsOf('username\na\nb\n')).toEqual([['username'], ['a'], ['b']])
  })

  it('with lists in a cell, which are no columns', async () => {
    expect(await cellsOf('username,grantTypes\na,password|token|certificate\n')).toEqual([
      ['username', 'grantTypes'],
      ['a', 'password|token|certificate'],
    ])
  })

  it('with the lines that an editor shows, whatever is empty or stands on two of them', async () => {
    const rows = await readTable('\nusername,displayName\n\na,"on\ntwo"\n,\n  \nb,one\n')
    expect(rows.map(({ line, cells }) => [line, cells[0]])).toEqual([
      [2, 'username'],
      [4, 'a'],
      [8, 'b'],
    ])
  })

  it('of ten thousand lines, each once', async () => {
    const lines = Array.from({ length: 10_000 }, (_, at) => `machine-${at};"a;b"`)
    const rows = await readTable(`username;displayName\r\n${lines.join('\r\n')}`)
    expect(rows).toHaveLength(10_001)
    expect(rows.at(-1)).toEqual({ line: 10_001, cells: ['machine-9999', 'a;b'] })
  })

  it.each([
    ['sep=;', 'sep=;\r\nusername;roles\r\na;b\r\n'],
    ['Sep=| after a mark', '\uFEFFSep=|\r\nusername|roles\r\na|b\r\n'],
    ['sep= and a tab', 'sep=\t\nusername\troles\na\tb\n'],
    ['"sep=," between quotes', '"sep=,"\nusername,roles\na,b\n'],
    ['sep=; with the empty cells that a program adds', 'sep=;;;\nusername;roles\na;b\n'],
  ])('whose first line names the separator: %s', async (_what, text) => {
    expect(await readTable(text)).toEqual([
      { line: 2, cells: ['username', 'roles'] },
      { line: 3, cells: ['a', 'b'] },
    ])
  })

  it('by the separator of the first line, not by the one that is most frequent', async () => {
    expect(await cellsOf('sep=;\nusername;displayName\na;Weber, Jo, jr\n')).toEqual([
      ['username', 'displayName'],
      ['a', 'Weber, Jo, jr'],
    ])
  })

  it('without taking a column for a separator', async () => {
    expect(await cellsOf('sep=x\na\n')).toEqual([['sep=x'], ['a']])
    expect(await cellsOf('sep=;')).toEqual([])
  })

  it('of nothing', async () => expect(await readTable('')).toEqual([]))
})

describe('the text of a file', () => {
  const text = 'username\nzoë.müller'
  it.each([
    ['UTF-8', [...new TextEncoder().encode(text)]],
    ['UTF-8 with a mark', [0xef, 0xbb, 0xbf, ...new TextEncoder().encode(text)]],
    ['Windows-1252', Array.from(text, (letter) => letter.charCodeAt(0))],
    ['UTF-16', [0xff, 0xfe, ...Array.from(text).flatMap((letter) => [letter.charCodeAt(0), 0])]],
  ])('in %s', async (_what, bytes) => expect(await readText(new Blob([new Uint8Array(bytes)]))).toBe(text))
})
