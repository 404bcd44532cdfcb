/**
 * The rule: a state change that rests on a cookie comes from our own pages, or it is refused.
 * A header that no form can send, and the browser's own word on where the call comes from (security rule 6).
 */
import type { Request } from 'express'
import { Problem } from '../base/problem.ts'

/** Throws `cross_site`. `origins` is fixed at the start: never "whatever the Host header says". */
export function requireSameOrigin(request: Request, origins: ReadonlySet<string>): void {
  if (request.get('X-Requested-With') !== 'gatehouse') {
    throw new Problem('cross_site', { detail: 'The header X-Requested-With: gatehouse is missing' })
  }
  refuseForeignOrigin(request, origins)
}

/** For calls that need no header: what a browser says of itself is still heard. */
export function refuseForeignOrigin(request: Request, origins: ReadonlySet<string>): void {
  const site = request.get('Sec-Fetch-Site')
  if (site !== undefined && site !== 'same-origin') throw new Problem('cross_site', { detail: 'Sec-Fetch-Site' })
  const origin = request.get('Origin')
  if (origin !== undefined && !origins.has(origin)) throw new Problem('cross_site', { detail: 'Origin' })
}
