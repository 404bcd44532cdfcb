/**
 * Permissions: their shape, what they allow, and when one covers another. The routes about their holders are in
 * `permissions.ts`.
 */
import * as z from 'zod/mini'
import { type Access, operationOf, pathOf, type RouteDefinition } from '../route.ts'
import { isEdgePath } from './edge-path.ts'
import { byteLength, covers, intersect, isTopicFilter, matches } from './topic.ts'

export const Context = z.enum(['edge', 'http', 'mqtt'])
export type Context = z.output<typeof Context>

export const Operation = z.enum(['read', 'write', 'readWrite'])
export type Operation = z.output<typeof Operation>

/** The longest key that every supported database can index, in bytes. */
const maxResourceBytes = 1_024

export const Resource = z.string().check(z.refine((text) => byteLength(text) <= maxResourceBytes, 'too_long'))

/**
 * One permission. `http`: `resource` is an API path that begins with `/api`, or `/#` for all. `mqtt`: `resource` is a
 * topic filter, `read` means subscribe and `write` means publish. `edge`: `resource` is a path `/<upstream>/…` of the HTTP
 * edge, `read` means GET and HEAD and `write` every other method. All use `+` and `#` (MQTT 3.1.1 §4.7).
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
      } else if (!isResourceOf(permission)) {
        ctx.addIssue({ code: 'custom', path: ['resource'], message: 'path' })
      }
    }),
  )
export type Permission = z.output<typeof Permission>

/** Returns true if a topic filter is a resource of this context. */
export function isResourceOf({ context, resource }: { context: Context; resource: string }): boolean {
  if (context === 'edge') return isEdgePath(resource)
  return context === 'mqtt' || resource.startsWith('/')
}

/**
 * A caller that covers all of these permissions counts as an administrator. The edge is not among them: it came later, and
 * who was an administrator before must stay one.
 */
export const everything: readonly Permission[] = [
  { context: 'http', resource: '/#', operation: 'readWrite' },
  { context: 'mqtt', resource: '#', operation: 'readWrite' },
  { context: 'mqtt', resource: '$SYS/#', operation: 'read' },
]

/** Everything on the HTTP edge. Callers change only users whose permissions they cover, so administrators and operators hold it. */
export const everythingOnEdge: Permission = { context: 'edge', resource: '/#', operation: 'readWrite' }

/** Returns true if one of the permissions allows this operation on this path or topic. */
export function may(
  permissions: readonly Permission[],
  context: Context,
  operation: 'read' | 'write',
  resource: string,
): boolean {
  return permissions.some((held) => held.context === context && allows(held, operation, resource))
}

/** Returns true if this permission allows the operation on this path or topic. Does not compare the context. */
export function allows(held: Permission, operation: 'read' | 'write', resource: string): boolean {
  return includes(held.operation, operation) && matches(held.resource, resource)
}

type Asked = Pick<RouteDefinition, 'method' | 'path' | 'query' | 'administrator'> & { access: Access }

/** Returns true if the holder of these permissions may call this route. Server and console both use it. */
export function mayCall(permissions: readonly Permission[], route: Asked, params?: Record<string, string>): boolean {
  if (route.access !== 'permitted') return true
  if (route.administrator && !coversAll(permissions, everything)) return false
  return may(permissions, 'http', operationOf(route), pathOf(route, params))
}

/**
 * Returns true if the holder may call this route on every object. For pages and buttons that do not know their object
 * yet.
 */
export function mayCallSome(permissions: readonly Permission[], route: Asked): boolean {
  const names = [...route.path.matchAll(/:([a-zA-Z]+)/g)].map((match) => match[1] ?? '')
  return mayCall(permissions, route, Object.fromEntries(names.map((name) => [name, '~'])))
}

/**
 * Returns true if `held` covers all `wanted` permissions; nobody may give more than they hold. Each wanted one must lie
 * within a single held one (for `readWrite`: one for each half). Several narrow filters that together equal a wide one
 * do not count, so the function refuses in doubt.
 */
export function coversAll(held: readonly Permission[], wanted: readonly Permission[]): boolean {
  return wanted.every((permission) => holds(held, permission))
}

/** Returns true if `held` covers this permission. See `coversAll`. */
export function holds(held: readonly Permission[], wanted: Permission): boolean {
  return halves(wanted.operation).every((operation) =>
    held.some(
      (own) =>
        own.context === wanted.context && includes(own.operation, operation) && covers(own.resource, wanted.resource),
    ),
  )
}

/**
 * Returns the intersection of two lists of permissions: `may` and `holds` give the same result for it as for both lists
 * together. It is what a narrowed token may do.
 */
export function within(limits: readonly Permission[], held: readonly Permission[]): Permission[] {
  const left = limits.flatMap((limit) =>
    // Usually a limit lies within `held` as a whole. Keeping it unchanged keeps the list short.
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

/** Returns the operations that this one consists of. */
export function halves(operation: Operation): ('read' | 'write')[] {
  return operation === 'readWrite' ? ['read', 'write'] : [operation]
}

/** Returns true if the operation of a permission includes `wanted`. */
export function includes(held: Operation, wanted: 'read' | 'write'): boolean {
  return held === 'readWrite' || held === wanted
}
