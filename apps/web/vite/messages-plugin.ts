/**
 * Puts the texts of one language into the code. Lingui's macros mark the texts and give each an id. This plugin replaces the id by
 * the compiled translation, so a browser loads only its own language, and of that only the texts of its page.
 */
import { basename, join } from 'node:path'
import { generateMessageId } from '@lingui/message-utils/generateMessageId'
import { extractMessages, transform } from '@lingui/native-tools'
import type { Plugin } from 'vite'
import { makeTranslate } from './catalogue.ts'
import { leaveOut, ownBodies, withBodies } from './contract-for-browser.ts'
import { contractFolder, translateContract } from './contract-texts.ts'

const activeLanguage = '../src/messages/language.ts'
/** A text without placeholders, in code and in JSX: becomes the text itself. */
const textCall = /\$_i18n\._\(\/\*i18n\*\/ \{\s*id: "([^"]+)"\s*\}\)/g
const textElement = /<Trans_ \{\.\.\.\/\*i18n\*\/ \{\s*id: "([^"]+)"\s*\}\}\/>/g
/** All others keep the call that puts in the values. */
const message = /\/\*i18n\*\/ \{\s*id: "([^"]+)"/g

/** BCP 47: the pseudo-locale is English with accents (CLDR). */
const tags: Readonly<Record<string, string>> = { pseudo: 'en-XA' }

export function messages(language: string): Plugin {
  let translate = makeTranslate(language)
  let isBuild = false
  const translateText = (english: string) => textOf(translate(generateMessageId(english), english))
  return {
    name: 'gatehouse-messages',
    enforce: 'pre',
    config: () => ({ define: { 'import.meta.env.LANGUAGE': JSON.stringify(language) } }),
    configResolved(config) {
      isBuild = config.command === 'build'
    },
    transformIndexHtml: (html) => html.replace('lang="en"', `lang="${tags[language] ?? language}"`),
    watchChange(path) {
      if (path.endsWith('.po')) translate = makeTranslate(language)
    },
    transform: {
      filter: { id: /\.tsx?(\?|$)/, code: /@lingui\/(core|react)\/macro|from 'zod\/mini'/ },
      async handler(code, id) {
        const file = id.replace(/\?.*$/, '')
        if (file.startsWith(contractFolder)) {
          // Not in tests, where the server uses the same files.
          const left = isBuild ? leaveOut(code) : code
          const given = !isBuild ? left : id.endsWith('?bodies') ? withBodies(left) : ownBodies(left, basename(file))
          return { code: translateContract(given, translateText), map: null, moduleSideEffects: false }
        }
        const english = new Map(
          (await extractMessages(code, file)).messages.map((each) => [each.id, each.message ?? '']),
        )
        const compiled = (key: string) => translate(key, english.get(key) ?? '')
        const result = await transform(code, file, {
          macro: {
            descriptorFields: 'id-only',
            runtimeModules: { i18n: [join(import.meta.dirname, activeLanguage), 'i18n'] },
          },
        })
        const translated = result.code
          .replaceAll(textCall, (_, key: string) => JSON.stringify(textOf(compiled(key))))
          .replaceAll(textElement, (_, key: string) => `<>{${JSON.stringify(textOf(compiled(key)))}}</>`)
          .replaceAll(message, (_, key: string) => `{ id: "", message: ${JSON.stringify(compiled(key))}`)
        return { code: translated, map: result.map ?? null }
      },
    },
  }
}

function textOf(compiled: ReturnType<ReturnType<typeof makeTranslate>>): string {
  return typeof compiled === 'string' ? compiled : compiled.join('')
}
