/**
 * Hints in the page for the browser, which save round trips: that there is no session and how one signs in, or which files
 * and requests the console will need. They grant nothing, and the files are public.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf } from '@gatehouse/contract/client'
import { type SignInOptions, session } from '@gatehouse/contract/identity/sign-in'
import type { Request } from 'express'
import type { SessionCookie } from './session-cookie.ts'

/** Written by the console's build: the files that every page needs, and those of each page. */
interface Preloads {
  console: string[]
  pages: Record<string, string[]>
}

export interface PageHintParts {
  cookie: Pick<SessionCookie, 'read'>
  /** How one can sign in; read for each page that is sent without a session. */
  readSignInOptions(): Promise<SignInOptions>
}

export type PageHints = (request: Request) => Promise<string>

export function makePageHints(folder: string, { cookie, readSignInOptions }: PageHintParts): PageHints {
  const { console, pages } = readPreloads(join(folder, '.preloads.json'))
  const around = console.map(preload).join('')
  const byPath = new Map(Object.entries(pages).map(([path, files]) => [path, files.map(preload).join('')]))
  return async (request) => {
    if (cookie.read(request) !== null) return askSession + (byPath.get(request.path) ?? around)
    return (cookiesAreComplete(request) ? nobody : askSession) + (await signInHint(readSignInOptions))
  }
}

/** The buttons of the sign-in page come with it, so that nothing moves. Without them the console asks for them. */
async function signInHint(read: PageHintParts['readSignInOptions']): Promise<string> {
  const options = await read().catch(() => null)
  return options === null ? '' : `<meta name="sign-in" content="${inAttribute(JSON.stringify(options))}" />`
}

/** Labels are texts of an administrator. */
function inAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
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
