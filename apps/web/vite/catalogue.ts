/** Reads the translations (`src/messages/*.po`) and compiles them. The texts themselves are English and stand in the code. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileMessage } from '@lingui/message-utils/compileMessage'
import { generateMessageId } from '@lingui/message-utils/generateMessageId'
import { parsePo } from 'pofile-ts'

/** What Lingui interpolates: texts, placeholders, plurals. A text alone is an array of one string. */
export type Compiled = ReturnType<typeof compileMessage>

/** Languages of the build. `pseudo` is made from the English to find texts that are not translated or do not fit. */
export const languages = ['en', 'de']

export function cataloguePath(language: string): string {
  return join(import.meta.dirname, '../src/messages', `${language}.po`)
}

/** Translations by the id that Lingui's macro computes. Without those that are empty. */
export function readCatalogue(language: string): ReadonlyMap<string, string> {
  const path = cataloguePath(language)
  if (!existsSync(path)) return new Map()
  const { items } = parsePo(readFileSync(path, 'utf8'))
  return new Map(
    items
      .filter(({ msgstr }) => msgstr[0])
      .map(({ msgid, msgctxt, msgstr }) => [generateMessageId(msgid, msgctxt ?? ''), msgstr[0] ?? '']),
  )
}

/** The text in this language; in English while it has no translation. */
export function makeTranslate(language: string): (id: string, english: string) => Compiled {
  if (language === 'pseudo') return (_id, english) => stretch(compileMessage(english))
  const catalogue = readCatalogue(language)
  return (id, english) => compileMessage(catalogue.get(id) ?? english)
}

/** Finds a text without plurals by its English, with `{names}` filled in: for scripts that use the console in any language. */
export function makeFind(language: string): (english: string, values?: Record<string, string>) => string {
  const translate = makeTranslate(language)
  return (english, values = {}) =>
    translate(generateMessageId(english), english)
      .map((token) => (typeof token === 'string' ? token : (values[token[0]] ?? '')))
      .join('')
}

const plain = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const accented = Array.from('àƀćđēƒĝĥĩĵķĺḿńōƥɋŕśţũṽŵẋŷźÀƁĆĐĒƑĜĤĨĴĶĹḾŃŌƤɊŔŚŢŨṼŴẊŶŹ')

/** Accents on every letter, and 40 % longer. Tags such as `<0>` stay. */
function stretch(compiled: Compiled): Compiled {
  return compiled.map((token) => {
    if (typeof token === 'string') return token === '#' ? token : stretchText(token)
    const [name, type, choices] = token
    if (typeof choices !== 'object' || choices === null) return token
    return [name, type, Object.fromEntries(Object.entries(choices).map(([key, value]) => [key, stretchChoice(value)]))]
  }) as Compiled
}

/** One form of a plural, or its offset. */
function stretchChoice(choice: unknown): unknown {
  if (typeof choice === 'string') return stretchText(choice)
  return Array.isArray(choice) ? stretch(choice as Compiled) : choice
}

function stretchText(text: string): string {
  return text.replaceAll(/<[^>]*>|[^<]+/g, (part) => {
    if (part.startsWith('<')) return part
    const letters = part.replaceAll(/[a-zA-Z]/g, (letter) => accented[plain.indexOf(letter)] ?? letter)
    const count = Math.ceil((part.match(/[a-zA-Z]/g)?.length ?? 0) * 0.4)
    // Words of seven letters, so that the longer text can break into lines.
    const padding = '~'.repeat(count).replaceAll(/~{7}/g, '~~~~~~ ')
    return count === 0 ? letters : letters.replace(/\s*$/, (end) => ` ${padding.trim()}${end}`)
  })
}
