/** Paths in words. Apart from the other permissions: the catalogue brings the whole contract with it. */

import { catalogueName, routesOpenedBy } from '@gatehouse/contract/access/catalogue'
import type { Permission } from '@gatehouse/contract/access/permission'
import { plural, t } from '@lingui/core/macro'

/** What a path covers: its name in the catalogue, otherwise a description. */
export function pathMeaning(permission: Permission): string | undefined {
  if (!permission.resource.startsWith('/')) return undefined
  const name = catalogueName(permission)
  if (name) return name
  const opened = routesOpenedBy(permission)
  if (opened.length === 0) return t`Opens nothing: the API has no such path.`
  return plural(opened.length, { one: `Opens: ${opened[0]?.summary}`, other: 'Opens # routes of the API.' })
}
