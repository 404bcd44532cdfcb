/**
 * Hints in the page for the browser, which save round trips: that there is no session, or which files and requests the
 * console will need. They grant nothing, and the files are public.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import type { Request } from 'express'
import type { SessionCookie } from './session-cookie.ts'

/** Written by the console's build: the files that every page needs, and those of each page. */
interface Preloads {
  console: string[]
  pages: Record<string, string[]>
}

export type PageHints = (request: Request) => string

export function makePageHints(folder: string, cookie: Pick<SessionCookie, 'read'>): PageHints {
  const { console, pages } = readPreloads(join(folder, '.preloads.json'))
  const around = console.map(preload).join('')
  const byPath = new Map(Object.entries(pages).map(([path, files]) => [path, files.map(preload).join('')]))
  return (request) => {
    if (cookie.read(request) !== null) return askSession + (byPath.get(request.path) ?? around)
    return cookiesAreComplete(request) ? nobody : askSession
  }
}

const nobody = '<meta name="session" content="none" />'
// `crossorigin` makes the preload match the console's own request, so the browser uses this response for it.
const askSession = `<link rel="preload" as="fetch" crossorigin href="${addressOf(session.view, {})}" />`

/**
 * A browser that comes from another site withholds a `SameSite=Strict` cookie from this request, but sends it with the
 * console's own calls.
 */
function cookiesAreComplete(request: Request): boolean {
  const site = request.get('Sec-Fetch-Site')
  return site === 'none' || site === 'same-origin'
}

function preload(file: string): string {
  return file.endsWith('.css')
    ? `<link rel="preload" as="style" crossorigin href="${file}" />`
    : `<link rel="modulepreload" crossorigin href="${file}" />`
}

function readPreloads(path: string): Preloads {
  if (!existsSync(path)) return { console: [], pages: {} }
  return JSON.parse(readFileSync(path, 'utf8')) as Preloads
}
