/** Who may call a route, in a sentence, and every refusal that it can meet: worked out from what `handle` enforces. */
import type { ErrorCode } from '../errors.ts'
import { operationOf, type Route } from '../route.ts'

export function accessSentence(route: Route): string {
  const recent = route.recent
    ? ` Needs a proof of the password or the code within the last ten minutes${takesTokens(route) ? '; a token is one.' : '.'}`
    : ''
  const own = route.ownUserNeedsSession ? ' A token may not call it on its own user.' : ''
  return `**Access:** ${whoMay(route)}${own}${recent}`
}

function whoMay(route: Route): string {
  if (route.access === 'anyone') return 'anyone.'
  if (route.access === 'permitted') {
    const needed = `the \`http\` permission to ${operationOf(route)} \`/api${asResource(route)}\``
    return route.administrator ? `${needed}, and everything that the role \`gatehouse-admin\` holds.` : `${needed}.`
  }
  if (route.access === 'signed-in')
    return route.tokens ? 'whoever is signed in, or any token.' : 'whoever is signed in; not with a token.'
  const stages = route.access.map((stage) => `\`${stage}\``).join(', ')
  return `a session at stage ${stages}; not with a token.`
}

/** The path as a permission on all of them would name it. */
function asResource({ path }: Route): string {
  return path.replace(/:[a-zA-Z]+/g, '+')
}

/** In the order in which the server looks. */
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
