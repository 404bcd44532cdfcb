/**
 * The permissions of the console and the API by name, for choosing them in forms. Derived from the routes, so none can
 * be missing.
 */
import { everyRoute } from '../api.ts'
import { operationOf, type Route } from '../route.ts'
import { includes, type Permission } from './permission.ts'
import type { Catalogue } from './permissions.ts'
import { overlaps } from './topic.ts'

type Group = Catalogue['groups'][number]
type Entry = Group['entries'][number]

const everything: Group = {
  name: 'Everything',
  entries: [
    { name: 'Everything: read', resource: '/#', operation: 'read' },
    { name: 'Everything: change', resource: '/#', operation: 'write' },
  ],
}

export const catalogue: Catalogue = { groups: [everything, ...groupsOf(everyRoute)] }

/** Returns the route's path as a resource: each parameter becomes `+`. */
export function resourceOf({ path }: Route): string {
  return `/api${path.replace(/:[a-zA-Z]+/g, '+')}`
}

/** Returns the routes that the permission opens, also those that it opens for one object only. */
export function routesOpenedBy({ context, resource, operation }: Permission): Route[] {
  if (context !== 'http') return []
  return everyRoute.filter(
    (route) =>
      route.access === 'permitted' && includes(operation, operationOf(route)) && overlaps(resource, resourceOf(route)),
  )
}

/** An area is the first level of the paths; a file beside it, such as `/users.csv`, belongs to it. */
function groupsOf(routes: readonly Route[]): Group[] {
  // Routes for administrators are left out, because a permission alone does not open them.
  const permitted = routes.filter(({ access, administrator }) => access === 'permitted' && !administrator)
  const areas = Map.groupBy(permitted, ({ path }) => path.split(/[/.]/)[1] ?? '')
  return [...areas].map(([area, inside]) => {
    const name = (inside.find(({ path }) => path === `/${area}`) ?? inside[0])?.tag ?? area
    return { name, entries: [...wholeOf(name, area, inside), ...singlesOf(inside)] }
  })
}

function wholeOf(name: string, area: string, inside: readonly Route[]): Entry[] {
  const operations = new Set(inside.filter(({ path }) => !path.startsWith(`/${area}.`)).map(operationOf))
  const whole = [
    { name: `${name}: read`, resource: `/api/${area}/#`, operation: 'read' as const },
    { name: `${name}: change`, resource: `/api/${area}/#`, operation: 'write' as const },
  ]
  return whole.filter(({ operation }) => operations.has(operation))
}

/** Routes that the same permission opens, such as changing and deleting, share one entry. */
function singlesOf(inside: readonly Route[]): Entry[] {
  const byPermission = Map.groupBy(inside, (route) => `${operationOf(route)} ${resourceOf(route)}`)
  return [...byPermission.values()].flatMap((alike) => {
    const [route] = alike
    if (!route) return []
    // The part of a summary after the semicolon is a remark.
    const name = alike.map(({ summary }) => summary.split(';')[0]).join(', ')
    return [{ name, resource: resourceOf(route), operation: operationOf(route) }]
  })
}
