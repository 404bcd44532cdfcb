/** Writes the colour scheme that the reader chose in this browser into the page, so that its first paint has it. */
import type { Request } from 'express'
import { readCookie } from './session-cookie.ts'

/** Written by the console (`apps/web/src/app/color-scheme.ts`). */
const cookieName = 'gatehouse-color-scheme'

/** Any other value of the cookie, such as `auto`, leaves the choice to the system. */
const schemes = ['light', 'dark']

export function withColorScheme(html: string, request: Request): string {
  const chosen = readCookie(request.headers.cookie ?? '', cookieName)
  if (chosen === null || !schemes.includes(chosen)) return html
  return html.replace('<html ', `<html data-mantine-color-scheme="${chosen}" `)
}
