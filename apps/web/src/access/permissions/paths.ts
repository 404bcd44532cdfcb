/** Paths in words. Apart from the other permissions: the catalogue brings the whole contract with it. */

import { routesOpenedBy } from '@gatehouse/contract/access/catalogue'
import type { Permission } from '@gatehouse/contract/access/permission'
import { plural, t } from '@lingui/core/macro'
import { catalogueName } from './catalogue-names.ts'

/** What a path covers: its name in the catalogue, otherwise a description. */
export function pathMeaning(permission: Permission): string | undefined {
  if (!permission.resource.startsWith('/')) return undefined
  const name = catalogueName(permission)
  if (name) return name
  const opened = routesOpenedBy(permission)
  if (opened.length === 0) return t`Matches nothing: the API has no such path.`
  return opened.length === 1
    ? t`Allows: ${opened[0]?.summary ?? ''}`
    : plural(opened.length, { one: 'Allows # API route.', other: 'Allows # API routes.' })
}
