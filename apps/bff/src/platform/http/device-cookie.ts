/**
 * The device cookie identifies a browser, only to count its wrong passwords separately. It grants no access, and stays
 * when the session ends. `__Host-` as for the session cookie.
 */
import type { Request, Response } from 'express'
import { readCookie } from './session-cookie.ts'

export interface DeviceCookie {
  /** Returns well-formed secrets only, and no more than the server ever sets. */
  read(request: Request): string[]
  set(response: Response, secrets: readonly string[]): void
}

/** How long a device is remembered after its last sign-in. */
const maxAgeMs = 180 * 24 * 60 * 60_000
const mostSecrets = 5

export function makeDeviceCookie({ secure }: { secure: boolean }): DeviceCookie {
  const name = secure ? '__Host-gatehouse-device' : 'gatehouse-device'
  const options = { httpOnly: true, sameSite: 'strict', path: '/', secure, maxAge: maxAgeMs } as const
  return {
    read: (request) =>
      (readCookie(request.headers.cookie ?? '', name) ?? '')
        .split('.', mostSecrets)
        .filter((secret) => /^[\w-]{43}$/.test(secret)),
    set: (response, secrets) => void response.cookie(name, secrets.join('.'), options),
  }
}

/**
 * Browsers send `Sec-Fetch-Site`. A script that signs in each time keeps no device cookie; it would only push the
 * user's browsers out of the list.
 */
export function isBrowser(request: Request): boolean {
  return request.get('Sec-Fetch-Site') !== undefined
}
