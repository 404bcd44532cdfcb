/**
 * What the page tells the browser beforehand, so that it does not find out in one round trip after the other: that nobody is
 * signed in, or what the console will ask for. Hints only: they decide nothing, and everybody may read these files.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import type { Request } from 'express'
import type { SessionCookie } from './session-cookie.ts'

/** Written by the build of the console: the files around every page, and all that each page needs. */
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
// The attribute makes it the same request as that of the console, which then takes this answer.
const askSession = `<link rel="preload" as="fetch" crossorigin href="${addressOf(session.view, {})}" />`

/** On the way from another site a browser holds a `SameSite=Strict` cookie back, and then sends it with the console's own calls. */
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
