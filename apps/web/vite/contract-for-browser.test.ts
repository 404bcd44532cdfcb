import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { leaveOut } from './contract-for-browser.ts'
import { contractFolder } from './contract-texts.ts'

const sources = globSync('**/*.ts', { cwd: contractFolder })
  .map((file) => readFileSync(join(contractFolder, file), 'utf8'))
  .filter((source) => source.includes('defineRoutes('))

const answersOf = (source: string) => source.match(/^ {4}answer: .*$/gm) ?? []

describe('the contract in the browser', () => {
  it('has an answer for each route: none, a file, or anything', () => {
    const left = sources.flatMap((source) => answersOf(leaveOut(source)))
    expect(left).toHaveLength(sources.flatMap(answersOf).length)
    expect(left.filter((line) => !/answer: (null|\{\}|\{ file: .*\}),$/.test(line))).toEqual([])
  })

  it.each(['method', 'path', 'access', 'summary', 'tag', 'search', 'body', 'params'])('keeps each %s', (name) => {
    const property = new RegExp(`^ {4}${name}: `, 'gm')
    const count = (source: string) => source.match(property)?.length ?? 0
    expect(sources.map((source) => count(leaveOut(source)))).toEqual(sources.map(count))
  })
})
