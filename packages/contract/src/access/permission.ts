/** Permissions: what they are, when they allow, and when one holder's cover another's. Who holds them: `held-permissions.ts`. */
import * as z from 'zod/mini'
import { type Access, operationOf, pathOf, type RouteDefinition } from '../route.ts'
import { byteLength, covers, intersect, isTopicFilter, matches } from './topic.ts'

export const Context = z.enum(['http', 'mqtt'])
export type Context = z.output<typeof Context>

export const Operation = z.enum(['read', 'write', 'readWrite'])
export type Operation = z.output<typeof Operation>

/** What every database can keep in an index. */
const maxResourceBytes = 1_024

export const Resource = z.string().check(z.refine((text) => byteLength(text) <= maxResourceBytes, 'too_long'))

/**
 * One thing that a holder may do. `http`: `resource` is an API path beginning with `/api`, or `/#` for all;
 * `mqtt`: a topic filter, `read` is subscribe, `write` is publish. Both know `+` and `#` (MQTT 3.1.1 §4.7).
 */
export const Permission = z
  .strictObject({
    context: Context,
    resource: Resource.check(z.minLength(1, 'required')),
    operation: Operation,
  })
  .check(
    z.superRefine((permission, ctx) => {
      if (!isTopicFilter(permission.resource)) {
        ctx.addIssue({ code: 'custom', path: ['resource'], message: 'topic_filter' })
      } else if (permission.context === 'http' && !permission.resource.startsWith('/')) {
        ctx.addIssue({ code: 'custom', path: ['resource'], message: 'path' })
      }
    }),
  )
export type Permission = z.output<typeof Permission>

/** What the built-in role `gatehouse-admin` holds, and so what an administrator is measured by. */
export const everything: readonly Permission[] = [
  { context: 'http', resource: '/#', operation: 'readWrite' },
  { context: 'mqtt', resource: '#', operation: 'readWrite' },
  { context: 'mqtt', resource: '$SYS/#', operation: 'read' },
]

/** Does one of these permissions allow this operation on this path or topic? */
export function may(
  permissions: readonly Permission[],
  context: Context,
  operation: 'read' | 'write',
  resource: string,
): boolean {
  return permissions.some((held) => held.context === context && allows(held, operation, resource))
}

/** Does this one allow the operation on this path or topic, of whichever of the two it speaks? */
export function allows(held: Permission, operation: 'read' | 'write', resource: string): boolean {
  return includes(held.operation, operation) && matches(held.resource, resource)
}

type Asked = Pick<RouteDefinition, 'method' | 'path' | 'query' | 'administrator'> & { access: Access }

/** May the holder of these permissions call this route? The one question that server and console both ask. */
export function mayCall(permissions: readonly Permission[], route: Asked, params?: Record<string, string>): boolean {
  if (route.access !== 'permitted') return true
  if (route.administrator && !coversAll(permissions, everything)) return false
  return may(permissions, 'http', operationOf(route), pathOf(route, params))
}

/** May the holder call this route on anything at all? For pages and buttons that do not know their object yet. */
export function mayCallSome(permissions: readonly Permission[], route: Asked): boolean {
  const names = [...route.path.matchAll(/:([a-zA-Z]+)/g)].map((match) => match[1] ?? '')
  return mayCall(permissions, route, Object.fromEntries(names.map((name) => [name, '~'])))
}

/**
 * Are all `wanted` permissions inside what is `held`? "Nobody gives more than they hold." Each one must lie within
 * a single held one (for `readWrite`: one for each half); a union of narrow filters that happens to add up to a wide one
 * does not count, which errs on the side of refusing.
 */
export function coversAll(held: readonly Permission[], wanted: readonly Permission[]): boolean {
  return wanted.every((permission) => holds(held, permission))
}

/** Is this permission inside what is held? See `coversAll`. */
export function holds(held: readonly Permission[], wanted: Permission): boolean {
  return halves(wanted.operation).every((operation) =>
    held.some(
      (own) =>
        own.context === wanted.context && includes(own.operation, operation) && covers(own.resource, wanted.resource),
    ),
  )
}

/**
 * What is left of `held` within `limits`, as one list: `may` and `holds` answer for it as they answer for the one and for the
 * other together. A narrowed token is worth this much of its user.
 */
export function within(limits: readonly Permission[], held: readonly Permission[]): Permission[] {
  const left = limits.flatMap((limit) =>
    // Mostly a limit lies inside what is held as a whole: then nothing has to be cut, and the list stays as short as it was.
    holds(held, limit) ? [limit] : held.flatMap((permission) => common(permission, limit)),
  )
  return [...new Map(left.map((each) => [`${each.context} ${each.operation} ${each.resource}`, each])).values()]
}

function common(one: Permission, other: Permission): Permission[] {
  if (one.context !== other.context) return []
  const operation = one.operation === 'readWrite' ? other.operation : one.operation
  if (other.operation !== 'readWrite' && other.operation !== operation) return []
  const resource = intersect(one.resource, other.resource)
  return resource === null ? [] : [{ context: one.context, resource, operation }]
}

/** The operations that one word stands for. */
export function halves(operation: Operation): ('read' | 'write')[] {
  return operation === 'readWrite' ? ['read', 'write'] : [operation]
}

export function includes(held: Operation, wanted: 'read' | 'write'): boolean {
  return held === 'readWrite' || held === wanted
}
