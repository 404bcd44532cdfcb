/** What every answer carries. Inline code never runs; one style element gets the request's nonce (Mantine's variables). */
import { randomBytes } from 'node:crypto'
import type { RequestHandler } from 'express'
import helmet, { type HelmetOptions } from 'helmet'

export function securityHeaders({ https }: { https: boolean }): RequestHandler[] {
  return [giveNonce, helmet(policies(https))]
}

const giveNonce: RequestHandler = (_request, response, next) => {
  response.locals.nonce = randomBytes(16).toString('base64')
  next()
}

function policies(https: boolean): HelmetOptions {
  return {
    strictTransportSecurity: https ? { maxAge: 31_536_000 } : false,
    contentSecurityPolicy: { useDefaults: false, directives: { ...onlyOurs, styleSrc: ["'self'", nonceOfRequest] } },
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
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

// helmet types the answer as Node's own; it is Express's, with the locals that `giveNonce` filled.
function nonceOfRequest(_request: unknown, response: object): string {
  return `'nonce-${(response as { locals: { nonce: string } }).locals.nonce}'`
}
