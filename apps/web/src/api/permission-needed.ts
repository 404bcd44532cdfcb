/** Why the console disables a button: the permission that its route takes. */

import type { Operation } from '@gatehouse/contract/access/permission'
import { operationOf, type Route } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'

const needed: Record<Operation, (path: string) => string> = {
  read: (path) => t`You need the permission to read ${path}.`,
  write: (path) => t`You need the permission to change ${path}.`,
  readWrite: (path) => t`You need the permission to read and change ${path}.`,
}

/** Why a button is disabled: which permission it would take. */
export function permissionNeeded(route: Route): string {
  if (route.administrator) {
    return t`Only administrators can change this. It needs every permission, as the role gatehouse-admin has.`
  }
  return needed[operationOf(route)](`/api${route.path}`.replace(/:[a-zA-Z]+/g, '+'))
}
