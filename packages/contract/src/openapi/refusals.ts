/** The access rule of a route in one sentence, and all its refusals, derived from what `handle` enforces. */
import type { ErrorCode } from '../errors.ts'
import { operationOf, type Route } from '../route.ts'

/** Returns the access rule of the route as Markdown. */
export function accessSentence(route: Route): string {
  const recent = route.recent
    ? ` Needs a proof of the password or the code within the last ten minutes${takesTokens(route) ? '; a token counts as one.' : '.'}`
    : ''
  const own = route.ownUserNeedsSession ? ' A token may not call it for its own user.' : ''
  return `**Access:** ${whoMay(route)}${own}${recent}`
}

function whoMay(route: Route): string {
  if (route.access === 'anyone') return 'anyone.'
  if (route.access === 'permitted') {
    const needed = `the \`http\` permission to ${operationOf(route)} \`/api${asResource(route)}\``
    return route.administrator ? `${needed}, and all permissions of the role \`gatehouse-admin\`.` : `${needed}.`
  }
  if (route.access === 'signed-in')
    return route.tokens ? 'any signed-in user, and any token.' : 'any signed-in user; not with a token.'
  const stages = route.access.map((stage) => `\`${stage}\``).join(', ')
  return `a session at stage ${stages}; not with a token.`
}

/** Returns the path as the resource of a permission for all objects. */
function asResource({ path }: Route): string {
  return path.replace(/:[a-zA-Z]+/g, '+')
}

/** Returns the error codes in the order in which the server checks them. */
export function errorsOf(route: Route): ErrorCode[] {
  const isOpen = route.access === 'anyone'
  const codes: readonly (ErrorCode | false | undefined)[] = [
    route.method !== 'GET' && 'cross_site',
    !isOpen && 'not_signed_in',
    !isOpen && (!takesTokens(route) || route.ownUserNeedsSession) && 'tokens_not_accepted',
    !isOpen && 'stage_not_allowed',
    route.access === 'permitted' && 'not_permitted',
    route.recent && 'proof_required',
    ...(route.body ? (['unsupported_media_type', 'too_large', 'broken_json'] as const) : []),
    'invalid',
    route.params && 'not_found',
    ...(route.errors ?? []),
  ]
  return [...new Set(codes.filter((code) => typeof code === 'string'))]
}

function takesTokens({ access, tokens }: Route): boolean {
  return access === 'permitted' || access === 'anyone' || tokens === true
}
