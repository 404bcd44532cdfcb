/**
 * Texts of the contract that the console shows: the summaries of the routes that a permission opens, and the areas that they belong
 * to. They are written once, in the contract, for OpenAPI too. The build puts the translation into the browser's copy.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { everyRoute } from '@gatehouse/contract/api'

export const contractFolder = join(import.meta.dirname, '../../../packages/contract/src')

/** `summary` and `tag` of a route, in the notation of the formatter. */
const pattern = /^( {4}(?:summary|tag): )(?:'([^'\\\n]+)'|"([^"\\\n]+)")/gm

/** The texts, each once. Throws for one that the build would not find in the source. */
export function contractTexts(): string[] {
  const permitted = everyRoute.filter(({ access }) => access === 'permitted')
  const texts = new Set(permitted.flatMap(({ summary, tag }) => [summary, tag]))
  const found = new Set(
    globSync('**/*.ts', { cwd: contractFolder }).flatMap((file) =>
      [...readFileSync(join(contractFolder, file), 'utf8').matchAll(pattern)].map(([, , one, two]) => one ?? two ?? ''),
    ),
  )
  const lost = [...texts].filter((text) => !found.has(text))
  if (lost.length > 0) throw new Error(`These texts of the contract cannot be translated: ${lost.join(' | ')}`)
  return [...texts]
}

/** The source of a file of the contract with its texts translated. */
export function translateContract(source: string, translate: (english: string) => string): string {
  return source.replaceAll(pattern, (_, before: string, one?: string, two?: string) => {
    return before + JSON.stringify(translate(one ?? two ?? ''))
  })
}
