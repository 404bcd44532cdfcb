/** The built console: hashed files that browsers may cache for a year, and one page with this request's nonce. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RequestHandler, Router } from 'express'
import { encodingFor, pack, sendBody } from './encoding.ts'
import { makePageHints, type PageHints } from './page-hints.ts'
import type { SessionCookie } from './session-cookie.ts'
import { staticFiles } from './static-files.ts'

export function webApp(folder: string, cookie: Pick<SessionCookie, 'read'>): Router {
  const router = Router()
  router.use('/assets', staticFiles(join(folder, 'assets'), { immutable: true, maxAge: '1y' }))
  router.use(staticFiles(folder, { immutable: false, maxAge: '1h' }))
  router.get('/{*path}', page(readFileSync(join(folder, 'index.html'), 'utf8'), makePageHints(folder, cookie)))
  return router
}

/** The API reference: a separate page with its own script. Null if it was not built. */
export function apiReference(folder: string | null): RequestHandler | null {
  const file = folder === null ? null : join(folder, 'api-reference.html')
  return file !== null && existsSync(file) ? page(readFileSync(file, 'utf8')) : null
}

/** The page is never cached: a cached page would contain a used nonce. */
function page(html: string, hintsFor: PageHints = () => ''): RequestHandler {
  return async (request, response, next) => {
    // A missing file gives 404, not the start page.
    if (/\.[a-z0-9]+$/i.test(request.path)) return next()
    const hints = hintsFor(request)
    const fresh = html
      .replaceAll('__NONCE__', String(response.locals.nonce))
      .replace('</head>', () => `${hints}</head>`)
    response.vary('Accept-Encoding').set('Cache-Control', 'no-store').type('html')
    sendBody(response, await pack(Buffer.from(fresh), encodingFor(request)))
  }
}
