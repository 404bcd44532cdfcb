/** What a request says about its sender, for handlers of the contract and for pages. */
import type { Request, Response } from 'express'
import { addressOfSocket, parseAddress } from '../base/address.ts'
import { type DeviceCookie, isBrowser } from './device-cookie.ts'
import { readIfMatch } from './if-match.ts'
import type { RequestInfo } from './request.ts'
import type { SessionCookie } from './session-cookie.ts'

export interface Cookies {
  cookie: SessionCookie
  deviceCookie: DeviceCookie
}

export function requestInfo(
  { cookie, deviceCookie }: Cookies,
  request: Request,
  response: Response,
): Omit<RequestInfo, 'exportAs' | 'renewCaller'> {
  return {
    id: String(response.locals.requestId),
    address: clientAddress(request),
    userAgent: request.get('User-Agent')?.slice(0, 300) ?? null,
    ifMatch: readIfMatch(request.get('If-Match')),
    sessionSecret: cookie.read(request),
    devices: deviceCookie.read(request),
    isBrowser: isBrowser(request),
    setSession: (secret) => cookie.set(response, secret),
    setDevices: (secrets) => deviceCookie.set(response, secrets),
    clearSession: () => cookie.clear(response),
  }
}

/**
 * Express lists the client and the trusted proxies. If the client's entry is not an address, the nearest proxy's
 * address counts: a client must not choose the address that it is throttled by, nor write arbitrary text into the
 * audit.
 */
function clientAddress({ ips, socket }: Request): string {
  return ips.map(parseAddress).find((address) => address !== null) ?? addressOfSocket(socket)
}
