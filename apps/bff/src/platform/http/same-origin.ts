/**
 * Rule: a state change that is authenticated by a cookie must come from our own pages. A form cannot
 * send the required header, and the browser states in `Sec-Fetch-Site` and `Origin` where the call comes from.
 */
import type { Request } from 'express'
import { Problem } from '../base/problem.ts'

/** Throws `cross_site`. `origins` is fixed at the start and never taken from the Host header. */
export function requireSameOrigin(request: Request, origins: ReadonlySet<string>): void {
  if (request.get('X-Requested-With') !== 'gatehouse') {
    throw new Problem('cross_site', { detail: 'The header X-Requested-With: gatehouse is missing' })
  }
  refuseForeignOrigin(request, origins)
}

/** For calls that need no header. If a browser sends `Sec-Fetch-Site` or `Origin`, they must be ours. */
export function refuseForeignOrigin(request: Request, origins: ReadonlySet<string>): void {
  const site = request.get('Sec-Fetch-Site')
  if (site !== undefined && site !== 'same-origin') throw new Problem('cross_site', { detail: 'Sec-Fetch-Site' })
  const origin = request.get('Origin')
  if (origin !== undefined && !origins.has(origin)) throw new Problem('cross_site', { detail: 'Origin' })
}
