/**
 * The built console, once for each language: hashed files that browsers may cache for a year, and one page with this
 * request's nonce.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RequestHandler, Router } from 'express'
import { withColorScheme } from './color-scheme.ts'
import { encodingFor, pack, sendBody } from './encoding.ts'
import { languageFor } from './language.ts'
import { makePageHints, type PageHintParts, type PageHints } from './page-hints.ts'
import { staticFiles } from './static-files.ts'

const english = 'en'

/** The languages that the console was built in, English first. Empty if it was not built. */
export function builtLanguages(folder: string): string[] {
  if (!existsSync(folder)) return []
  const built = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'index.html')))
  return built.toSorted((a, b) => Number(b === english) - Number(a === english))
}

export function webApp(folder: string, hints: PageHintParts): Router {
  const router = Router()
  const languages = builtLanguages(folder)
  for (const language of languages) {
    // The names have hashes, so the files of all languages fit under one path.
    router.use('/assets', staticFiles(join(folder, language, 'assets'), { immutable: true, maxAge: '1y' }))
    router.use(staticFiles(join(folder, language), { immutable: false, maxAge: '1h' }))
  }
  const pages = new Map(languages.map((language) => [language, pageIn(join(folder, language), hints)]))
  router.get('/{*path}', (request, response, next) => {
    response.vary('Accept-Language')
    const chosen = pages.get(languageFor(request, languages) ?? '')
    return chosen ? chosen(request, response, next) : next()
  })
  return router
}

function pageIn(folder: string, hints: PageHintParts): RequestHandler {
  return page(readFileSync(join(folder, 'index.html'), 'utf8'), makePageHints(folder, hints))
}

/** The API reference: a separate page with its own script. Null if it was not built. */
export function apiReference(folder: string | null): RequestHandler | null {
  const file = folder === null ? null : join(folder, english, 'api-reference.html')
  return file !== null && existsSync(file) ? page(readFileSync(file, 'utf8')) : null
}

/** The page is never cached: a cached page would contain a used nonce. */
function page(html: string, hintsFor: PageHints = () => Promise.resolve('')): RequestHandler {
  return async (request, response, next) => {
    // A missing file gives 404, not the start page.
    if (/\.[a-z0-9]+$/i.test(request.path)) return next()
    const hints = await hintsFor(request)
    const fresh = withColorScheme(html, request)
      .replaceAll('__NONCE__', String(response.locals.nonce))
      .replace('</head>', () => `${hints}</head>`)
    response.vary('Accept-Encoding').set('Cache-Control', 'no-store').type('html')
    sendBody(response, await pack(Buffer.from(fresh), encodingFor(request)))
  }
}
