import { Permission } from '@gatehouse/contract/access/permission'
import { permissions } from '@gatehouse/contract/access/permissions'
import { isTopicFilter } from '@gatehouse/contract/access/topic'
import { t } from '@lingui/core/macro'
import * as z from 'zod/mini'
import { pagesFor } from '../../api/queries.ts'
import { listParameters, parameter } from '../../ui/list-parameters.ts'

/** What one asks of the list, as people say it: each stands for a kind of permission and what that has to allow. */
export const questions = {
  subscribe: { context: 'mqtt', allows: 'read', label: t`may subscribe to` },
  publish: { context: 'mqtt', allows: 'write', label: t`may publish to` },
  read: { context: 'http', allows: 'read', label: t`may read` },
  change: { context: 'http', allows: 'write', label: t`may change` },
  fetch: { context: 'edge', allows: 'read', label: t`may read through the edge` },
  send: { context: 'edge', allows: 'write', label: t`may send through the edge` },
} as const

/** The URL of the page: the question, the list, and which permission is open. */
export const PermissionsSearch = z.object({
  ...listParameters(permissions.list.search.shape.sort),
  can: parameter(z.enum(['subscribe', 'publish', 'read', 'change', 'fetch', 'send'])),
  /** A topic, a path, or a filter of either. */
  about: parameter(z.string().check(z.maxLength(1_024), z.refine(isTopicFilter))),
  /** A part of it is enough. */
  part: parameter(z.literal('some')),
  view: parameter(z.string()),
})
export type PermissionsSearch = z.output<typeof PermissionsSearch>

/** A permission in the URL, as `mqtt write line-3/#`. */
export function keyOf({ context, operation, resource }: Permission): string {
  return `${context} ${operation} ${resource}`
}

export function permissionAt(key: string): Permission | null {
  const [, context, operation, resource] = /^(\S+) (\S+) (.*)$/s.exec(key) ?? []
  const permission = Permission.safeParse({ context, operation, resource })
  return permission.success ? permission.data : null
}

/** Its holders, as many pages of them as were asked for. */
export function holdersQuery({ context, resource, operation }: Permission) {
  const search = { 'context[eq]': context, 'resource[eq]': resource, 'operation[eq]': operation }
  return pagesFor(permissions.holders, { search })
}
