/**
 * Security headers of every response. Inline scripts never run; one style element has the request's nonce (Mantine's
 * variables).
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import helmet, { type HelmetOptions } from 'helmet'

const nonceMark = '__NONCE__'

/** Helmet is asked once: but for the nonce it says the same of each answer. */
export function securityHeaders({ https }: { https: boolean }): RequestHandler {
  const headers = saidByHelmet(policies(https))
  return (_request, response, next) => {
    const nonce = drawNonce()
    response.locals.nonce = nonce
    for (const [name, value] of headers) response.setHeader(name, value.replace(nonceMark, nonce))
    next()
  }
}

function saidByHelmet(options: HelmetOptions): [string, string][] {
  const headers: [string, string][] = []
  const recorder: Pick<ServerResponse, 'setHeader'> & Pick<ServerResponse, 'removeHeader'> = {
    setHeader: (name, value) => {
      headers.push([name, String(value)])
      return recorder as ServerResponse
    },
    // What Express would say of itself is switched off where it is made.
    removeHeader: () => {},
  }
  helmet(options)({} as IncomingMessage, recorder as ServerResponse, (error) => {
    if (error) throw error
  })
  return headers
}

const nonceBytes = 16
let drawn = Buffer.alloc(0)
let used = 0

/** Random bytes are drawn for many at a time: each call to the system costs as much as all the headers. */
function drawNonce(): string {
  if (used === drawn.length) {
    drawn = randomBytes(256 * nonceBytes)
    used = 0
  }
  return drawn.toString('base64', used, (used += nonceBytes))
}

function policies(https: boolean): HelmetOptions {
  return {
    strictTransportSecurity: https ? { maxAge: 31_536_000 } : false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { ...onlyOurs, styleSrc: ["'self'", `'nonce-${nonceMark}'`] },
    },
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // These are for old browsers and for Flash, which cannot show the console. They cost 90 bytes of each of its 30 files.
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  }
}

const onlyOurs = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}
