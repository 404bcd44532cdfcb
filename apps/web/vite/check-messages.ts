/**
 * Compares the texts in the code with the translations in `src/messages/*.po`. With `--fix` it adds the new texts to each file,
 * without a translation, and removes those that no code uses.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { compileMessage } from '@lingui/message-utils/compileMessage'
import { extractMessagesFromFiles } from '@lingui/native-tools'
import { createItem, type PoItem, parsePo, stringifyPo } from 'pofile-ts'
import { cataloguePath, languages } from './catalogue.ts'
import { contractTexts } from './contract-texts.ts'

const source = 'en'
const translated = languages.filter((language) => language !== source)
const folder = join(import.meta.dirname, '../src')
const headers = { 'Content-Type': 'text/plain; charset=UTF-8', 'Content-Transfer-Encoding': '8bit' }

const shownAtMost = 20

const texts = await readTexts()
for (const language of translated) {
  const items = readItems(language)
  if (process.argv.includes('--fix')) write(language, updated(items))
  else report(language, items)
}

function write(language: string, items: PoItem[]): void {
  const content = stringifyPo({ headers: { ...headers, Language: language }, items }, { foldLength: 0 })
  writeFileSync(cataloguePath(language), content.endsWith('\n') ? content : `${content}\n`)
}

function report(language: string, items: ReadonlyMap<string, PoItem>): void {
  const shown = [...missingIn(language, items), ...wrongIn(language, items)]
  const lines = [
    ...shown.slice(0, shownAtMost),
    ...(shown.length > shownAtMost ? [`… and ${shown.length - shownAtMost} more`] : []),
  ]
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
  if (shown.length > 0) process.exitCode = 1
}

type ExtractedMessage = Awaited<ReturnType<typeof extractMessagesFromFiles>>['messages'][number]

interface Text {
  msgid: string
  msgctxt: string | null
  references: string[]
  placeholders: string[]
}

/** By context and English text: one text that stands at several places is translated once. */
async function readTexts(): Promise<Map<string, Text>> {
  const files = globSync('**/*.{ts,tsx}', { cwd: folder, exclude: (name) => /\.test\.tsx?$/.test(name) }).toSorted()
  const { messages, warnings } = await extractMessagesFromFiles(files.map((file) => join(folder, file)))
  if (warnings.length > 0) throw new Error(warnings.join('\n'))
  const found = new Map<string, Text>()
  for (const each of messages) addText(found, each)
  for (const message of contractTexts()) addText(found, { id: message, message, placeholders: {} })
  return new Map([...found].toSorted(([, a], [, b]) => placeOf(a).localeCompare(placeOf(b), 'en')))
}

function addText(found: Map<string, Text>, { message = '', context, origin, placeholders }: ExtractedMessage): void {
  const msgctxt = context ?? null
  const key = keyOf(message, msgctxt)
  const text: Text = found.get(key) ?? { msgid: message, msgctxt, references: [], placeholders: [] }
  const file = origin ? relative(folder, origin.filename) : 'packages/contract'
  if (!text.references.includes(file)) text.references.push(file)
  text.placeholders = Object.entries(placeholders)
    .filter(([name]) => /^\d+$/.test(name))
    .map(([name, code]) => `{${name}}: ${code.replaceAll(/\s+/g, ' ')}`)
  found.set(key, text)
}

/** Sorts by the first file of a text, so that a translator sees together what belongs together. */
function placeOf({ msgid, references }: Text): string {
  return `${references[0]} ${msgid}`
}

function keyOf(msgid: string, msgctxt: string | null): string {
  return `${msgid}\u0004${msgctxt ?? ''}`
}

function readItems(language: string): Map<string, PoItem> {
  const path = cataloguePath(language)
  const items = existsSync(path) ? parsePo(readFileSync(path, 'utf8')).items : []
  return new Map(items.map((item) => [keyOf(item.msgid, item.msgctxt), item]))
}

function updated(items: ReadonlyMap<string, PoItem>): PoItem[] {
  return [...texts].map(([key, { msgid, msgctxt, references, placeholders }]) => ({
    ...createItem(),
    msgid,
    msgctxt,
    references,
    extractedComments: placeholders,
    msgstr: items.get(key)?.msgstr ?? [''],
  }))
}

function missingIn(language: string, items: ReadonlyMap<string, PoItem>): string[] {
  return [...texts]
    .filter(([key]) => !items.get(key)?.msgstr[0])
    .map(([, { msgid, references }]) => `${language}.po misses "${msgid}" (${references[0]})`)
}

function wrongIn(language: string, items: ReadonlyMap<string, PoItem>): string[] {
  const unused = [...items].filter(([key]) => !texts.has(key))
  const different = [...texts.values()].filter((text) => {
    const translation = items.get(keyOf(text.msgid, text.msgctxt))?.msgstr[0]
    return translation && marks(text.msgid) !== marks(translation)
  })
  return [
    ...unused.map(([, { msgid }]) => `${language}.po translates "${msgid}", which no code uses`),
    ...different.map(({ msgid }) => `${language}.po has other placeholders or tags than "${msgid}"`),
  ]
}

/** The placeholders and tags of a text, in a fixed order. */
function marks(text: string): string {
  return [...new Set(marksIn(compileMessage(text)))].toSorted().join(' ')
}

function marksIn(part: unknown): string[] {
  if (typeof part === 'string') return part.match(/<\/?\d+\/?>/g) ?? []
  if (!Array.isArray(part)) return []
  return part.flatMap((token: unknown) => {
    if (!Array.isArray(token)) return marksIn(token)
    const [name, type = '', choices = {}] = token as [string, string?, object?]
    return [`${name} ${type}`, ...Object.values(choices).flatMap(marksIn)]
  })
}
