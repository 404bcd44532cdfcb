/** Sends raw requests with any header and body. */
import { pathOf, type Route } from '@gatehouse/contract/route'
import type { TestApp } from './app.ts'
import { keptFetch } from './kept-fetch.ts'

export interface RawRequest {
  cookie?: string | undefined
  token?: string | undefined
  headers?: Record<string, string>
  /** The body, sent unchanged. */
  body?: string | Uint8Array<ArrayBuffer>
}

export interface RawAnswer {
  status: number
  /** The error code; null for a success. */
  code: string | null
  headers: Headers
  text: string
}

/** The headers that our pages send. */
export const ourHeaders = { 'X-Requested-With': 'gatehouse', 'Content-Type': 'application/json' }

export async function sendTo(app: TestApp, route: Route, request: RawRequest = {}): Promise<RawAnswer> {
  return sendRaw(app, { method: route.method, path: pathOf(route, nobodysParams(route)) }, request)
}

export async function sendRaw(
  app: TestApp,
  { method, path }: { method: string; path: string },
  { cookie, token, headers = {}, body }: RawRequest = {},
): Promise<RawAnswer> {
  const response = await keptFetch(app.url + path, {
    method,
    headers: { ...headers, ...(cookie && { Cookie: cookie }), ...(token && { Authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body }),
  })
  const text = await readText(response)
  const isProblem = response.headers.get('Content-Type')?.startsWith('application/problem+json')
  const code = isProblem ? (JSON.parse(text) as { code: string }).code : null
  return { status: response.status, code, headers: response.headers, text }
}

/** A stream of events does not end by itself: it is left at once. */
async function readText(response: Response): Promise<string> {
  if (response.headers.get('Content-Type') !== 'text/event-stream') return response.text()
  await response.body?.cancel()
  return ''
}

/** Well-formed ids that do not exist. */
export function nobodysParams(route: Route): Record<string, string> {
  const names = [...route.path.matchAll(/:([a-zA-Z]+)/g)].map(([, name = '']) => name)
  const values: Record<string, string> = { fingerprint: '0'.repeat(64) }
  return Object.fromEntries(names.map((name) => [name, values[name] ?? '00000000-0000-7000-8000-000000000000']))
}
