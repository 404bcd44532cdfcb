/**
 * The device cookie: it says which browser this is, for the count of wrong passwords only, and lets nobody in. It stays when the
 * session ends. `__Host-` as for the session's cookie.
 */
import type { Request, Response } from 'express'
import { readCookie } from './session-cookie.ts'

export interface DeviceCookie {
  /** Well-formed secrets only, and no more of them than we ever set. */
  read(request: Request): string[]
  set(response: Response, secrets: readonly string[]): void
}

/** As long as a device is known, counted anew at each sign-in. */
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
 * Browsers say by this header where a call comes from. A script that signs in anew each time keeps no device cookie: it would only
 * push the user's browsers out of what is remembered.
 */
export function isBrowser(request: Request): boolean {
  return request.get('Sec-Fetch-Site') !== undefined
}
