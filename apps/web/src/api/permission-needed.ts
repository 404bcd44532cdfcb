/** Why the console disables a button: the permission that its route takes. */

import type { Operation } from '@gatehouse/contract/access/permission'
import { operationOf, type Route } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'

export const pathVerbs: Record<Operation, string> = {
  read: 'read',
  write: 'change',
  readWrite: t`read and change`,
}

/** Why a button is disabled: which permission it would take. */
export function permissionNeeded(route: Route): string {
  if (route.administrator) {
    return t`Only an administrator can change this: it takes all permissions, as the role gatehouse-admin has them.`
  }
  const path = `/api${route.path}`.replace(/:[a-zA-Z]+/g, '+')
  return t`You need the permission to ${pathVerbs[operationOf(route)]} ${path}.`
}
