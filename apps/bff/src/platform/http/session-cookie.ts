/**
 * The session cookie. `__Host-` binds it to this host, path and HTTPS. Browsers reject that prefix on plain HTTP, so
 * the name on loopback has none.
 */
import type { Request, Response } from 'express'

export interface SessionCookie {
  read(request: Request): string | null
  set(response: Response, secret: string): void
  clear(response: Response): void
}

export function makeSessionCookie({ secure }: { secure: boolean }): SessionCookie {
  const name = secure ? '__Host-gatehouse' : 'gatehouse'
  const options = { httpOnly: true, sameSite: 'strict', path: '/', secure } as const
  return {
    read: (request) => readCookie(request.headers.cookie ?? '', name),
    set: (response, secret) => void response.cookie(name, secret, options),
    clear: (response) => void response.clearCookie(name, options),
  }
}

export function readCookie(header: string, name: string): string | null {
  const found = header.split(';').find((part) => part.trimStart().startsWith(`${name}=`))
  return found?.slice(found.indexOf('=') + 1).trim() ?? null
}
