/** The language of this build of the console, and the locale of the reader. The build exists once for each language. */
import { setupI18n } from '@lingui/core'

/** A language that the console is translated into, as BCP 47 writes it. */
export type Language = 'en' | 'de'

/** Every language, in its own name. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' }

export const language = import.meta.env['LANGUAGE'] as Language

/** For dates and numbers: the reader's own variant of the language, such as `en-GB` or `de-AT`, if the browser names one. */
export const locale = navigator.languages?.find((name) => name.split('-')[0] === language) ?? language

/** The build replaces each text by its translation. This only formats those with placeholders and plurals. */
export const i18n = setupI18n({ locale: language, locales: [locale], messages: { [language]: {} } })

// The server reads the cookie (`apps/bff/src/platform/http/language.ts`) and sends the page of that language.
const cookieName = 'gatehouse-language'
const cookieMaxAgeS = 34_560_000 // 400 days, the longest that browsers keep a cookie

/** This browser gets the console in that language from now on, before a sign-in too. */
export function changeLanguage(next: Language): void {
  // oxlint-disable-next-line unicorn/no-document-cookie -- the Cookie Store API is not in every supported browser
  document.cookie = `${cookieName}=${next}; Path=/; Max-Age=${cookieMaxAgeS}; SameSite=Lax`
  location.reload()
}
