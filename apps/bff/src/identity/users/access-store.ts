/** The permissions of one user, and the roles that they come from. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { AccessLine, permissions } from '@gatehouse/contract/access/permissions'
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { sql } from 'kysely'
import { contains, countUpTo, readPage, readSort } from '../../platform/db/keyset.ts'
import type { Db } from '../../platform/db/open.ts'
import { originDisabledAt, originDisabledForCertificatesAt } from '../identities/origin-sign-in-store.ts'
import { userRights } from './rights-sql-store.ts'

type Filters = Parsed<typeof permissions.accessOf>['search']

/**
 * `disabledAt`: since when the user or its identity provider is disabled. `certificatesDisabledAt`: the same for MQTT and the edge, where
 * certificates may stay valid while the provider is disabled.
 */
export async function findSubject(reader: Db, userId: string) {
  const row = await reader
    .selectFrom('users')
    .select(({ fn }) => [
      fn.coalesce('disabled_at', originDisabledAt).as('disabledAt'),
      fn.coalesce('disabled_at', originDisabledForCertificatesAt).as('certificatesDisabledAt'),
      'mqtt_publish_prefix as mqttPublishPrefix',
    ])
    .where('id', '=', userId)
    .executeTakeFirst()
  return row ?? null
}

export async function listLines(reader: Db, userId: string, filters: Filters): Promise<Page<AccessLine>> {
  let query = linesOf(reader, userId)
  if (filters['context[eq]']) query = query.where('context', '=', filters['context[eq]'])
  if (filters.search) query = query.where(contains('resource', filters.search))
  const { rows, nextCursor } = await readPage(query.select(['context', 'resource', 'operation']), {
    by: sql<string>`(context || ' ' || resource)`,
    id: sql.ref('operation'),
    descending: readSort(filters.sort ?? 'resource').descending,
    cursor: filters.cursor,
    limit: filters.limit,
  })
  return { items: await withOrigins(reader, userId, rows), nextCursor, total: await countUpTo(reader, query) }
}

/** Adds the roles through which the user holds each line, and whether individually. */
export async function withOrigins(reader: Db, userId: string, lines: readonly Permission[]): Promise<AccessLine[]> {
  if (lines.length === 0) return []
  const resources = [...new Set(lines.map(({ resource }) => resource))]
  const throughRoles = await reader
    .selectFrom('user_roles')
    .innerJoin('role_permissions as held', 'held.role_id', 'user_roles.role_id')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .where('user_roles.user_id', '=', userId)
    .where('held.resource', 'in', resources)
    .select(['held.context', 'held.resource', 'held.operation', 'roles.id', 'roles.name'])
    .orderBy('roles.name_folded')
    .execute()
  const individual = await reader
    .selectFrom('user_permissions')
    .where('user_id', '=', userId)
    .where('resource', 'in', resources)
    .select(['context', 'resource', 'operation'])
    .execute()
  return lines.map(({ context, resource, operation }) => {
    const isThis = (held: Permission) =>
      held.context === context && held.resource === resource && held.operation === operation
    return {
      context,
      resource,
      operation,
      roles: throughRoles.filter(isThis).map(({ id, name }) => ({ id, name })),
      individual: individual.some(isThis),
    }
  })
}

function linesOf(reader: Db, userId: string) {
  const rights = sql<Permission>`(${sql.raw(userRights('(select id from asked)'))})`
  return reader.with('asked', (q) => q.selectNoFrom(sql.val(userId).as('id'))).selectFrom(rights.as('lines'))
}
