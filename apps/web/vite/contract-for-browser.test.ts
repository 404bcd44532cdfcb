import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { leaveOut, ownBodies, withBodies } from './contract-for-browser.ts'
import { contractFolder } from './contract-texts.ts'

const sources = globSync('**/*.ts', { cwd: contractFolder })
  .map((file) => readFileSync(join(contractFolder, file), 'utf8'))
  .filter((source) => source.includes('defineRoutes('))

const answersOf = (source: string) => source.match(/^ {4}answer: .*$/gm) ?? []

const bodiesOf = (source: string) => source.match(/^ {4}body: /gm)?.length ?? 0
const loadedOf = (source: string) => {
  const inBrowser = ownBodies(leaveOut(source), 'users.ts')
  return inBrowser.match(/^ {4}body: \(\) => import\('\.\/users\.ts\?bodies'\)/gm)?.length ?? 0
}

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

  it('loads the body of each route from a file of its own', () => {
    expect(sources.map(loadedOf)).toEqual(sources.map(bodiesOf))
  })

  it('loads a body under the name of its own feature', () => {
    const source =
      "export const a = defineRoutes('a', {\n  one: {\n    body: One,\n  },\n})\nexport const b = defineRoutes('b', {\n  two: {\n    body: Two,\n  },\n})\n"
    const bodies = ownBodies(source, 'x.ts').match(/all\.[\w.]+/g)
    expect(bodies).toEqual(['all.a.one.body', 'all.b.two.body'])
  })

  it('imports the files with schemas of bodies from each other only', () => {
    const source = "import { line } from '../base.ts'\nimport * as z from 'zod/mini'\n"
    expect(withBodies(source)).toBe("import { line } from '../base.ts?bodies'\nimport * as z from 'zod/mini'\n")
  })

  it('marks a schema as free of side effects, together with its checks', () => {
    const source = 'export const Name = z\n  .string()\n  .check(z.minLength(1))\n\nconst most = 3\n'
    expect(leaveOut(source)).toBe(
      'export const Name = /* @__PURE__ */ (() => (z\n  .string()\n  .check(z.minLength(1))))()\n\nconst most = 3\n',
    )
  })
})
