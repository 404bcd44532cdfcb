/** The built console: hashed files that may be kept for ever, and one page, made fresh with this request's nonce. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import express, { type RequestHandler, Router } from 'express'

export function webApp(folder: string): Router {
  const router = Router()
  router.use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', index: false }))
  router.use(express.static(folder, { index: false, maxAge: '1h' }))
  router.get('/{*path}', page(readFileSync(join(folder, 'index.html'), 'utf8')))
  return router
}

/** The API's reference: a page of its own, with its own script. Null where it is not built. */
export function apiReference(folder: string | null): RequestHandler | null {
  const file = folder === null ? null : join(folder, 'api-reference.html')
  return file !== null && existsSync(file) ? page(readFileSync(file, 'utf8')) : null
}

function page(html: string): RequestHandler {
  return (request, response, next) => {
    // A missing file is missing, not the start page.
    if (/\.[a-z0-9]+$/i.test(request.path)) return next()
    response
      .set('Cache-Control', 'no-store')
      .type('html')
      .send(html.replaceAll('__NONCE__', String(response.locals.nonce)))
  }
}
