// oxlint-disable-next-line typescript/triple-slash-reference -- projects that import this file do not include the declarations beside it
/// <reference path="./negotiator.d.ts" />
/**
 * Chooses the language of the console's page: the one that the reader chose in this browser, else the best of
 * `Accept-Language` (RFC 9110 §12.5.4), else English.
 */
import type { Request } from 'express'
import Negotiator from 'negotiator'
import { readCookie } from './session-cookie.ts'

/** Written by the console (`apps/web/src/messages/language.ts`). */
const cookieName = 'gatehouse-language'

/** `available`: not empty, the language for everybody else first. */
export function languageFor(request: Request, available: readonly string[]): string | undefined {
  const chosen = readCookie(request.headers.cookie ?? '', cookieName)
  if (chosen !== null && available.includes(chosen)) return chosen
  const accepted = request.headers['accept-language'] ?? ''
  return new Negotiator({ headers: { 'accept-language': accepted } }).languages(available)[0] ?? available[0]
}
