/**
 * Short-lived cookies of a sign-in that goes through another site, one for each tab. `SameSite=Lax`: they come back with the
 * top-level navigation from there. `__Host-` as for the session cookie.
 */
import type { Request, Response } from 'express'

export interface FlowCookies {
  /** By their key. */
  read(request: Request): ReadonlyMap<string, string>
  set(response: Response, key: string, value: string): void
  clear(response: Response, key: string): void
}

/** More are never set here, and not read. */
const maxRead = 10

export function makeFlowCookies({ secure, maxAgeMs }: { secure: boolean; maxAgeMs: number }): FlowCookies {
  const prefix = secure ? '__Host-gatehouse-sso-' : 'gatehouse-sso-'
  const options = { httpOnly: true, sameSite: 'lax', path: '/', secure } as const
  return {
    read: (request) => {
      const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
      const own = pairs.filter((pair) => pair.startsWith(prefix)).slice(0, maxRead)
      return new Map(
        own.map((pair): [string, string] => {
          const at = pair.indexOf('=')
          return [pair.slice(prefix.length, at), pair.slice(at + 1)]
        }),
      )
    },
    set: (response, key, value) => void response.cookie(prefix + key, value, { ...options, maxAge: maxAgeMs }),
    clear: (response, key) => void response.clearCookie(prefix + key, options),
  }
}
