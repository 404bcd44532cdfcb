/** The role mappings of identity providers, each with the administrator who wrote it. */
import type { RoleMapping } from '@gatehouse/contract/identity/providers'
import type { MappedFrom } from '../../access/roles/mappings-port.ts'
import type { Db, Trx } from '../../platform/db/open.ts'

interface Written {
  providerId: string
  mappings: readonly RoleMapping[]
  authorId: string
  at: string
  newId(): string
}

/** Replaces the list. A mapping that was there before keeps its author and time. */
export async function replaceMappings(trx: Trx, { providerId, mappings, authorId, at, newId }: Written): Promise<void> {
  const before = await trx.selectFrom('role_mappings').selectAll().where('provider_id', '=', providerId).execute()
  const known = new Map(before.map((row) => [keyOf(row.source, row.role_id), row]))
  await trx.deleteFrom('role_mappings').where('provider_id', '=', providerId).execute()
  if (mappings.length === 0) return
  const rows = mappings.map(({ source, roleId }, place) => {
    const kept = known.get(keyOf(source, roleId))
    return {
      id: kept?.id ?? newId(),
      provider_id: providerId,
      place,
      source,
      role_id: roleId,
      author_id: kept ? kept.author_id : authorId,
      created_at: kept?.created_at ?? at,
    }
  })
  await trx.insertInto('role_mappings').values(rows).execute()
}

function keyOf(source: string, roleId: string): string {
  return `${roleId} ${source}`
}

/** The providers that give this role, with the groups. */
export async function listMappingsOf(db: Db, roleId: string): Promise<MappedFrom[]> {
  return db
    .selectFrom('role_mappings')
    .innerJoin('identity_providers', 'identity_providers.id', 'role_mappings.provider_id')
    .select(['identity_providers.label as provider', 'role_mappings.source'])
    .where('role_id', '=', roleId)
    .orderBy('identity_providers.name')
    .orderBy('place')
    .execute()
}

/** Takes a deleted role out of the mappings of all providers. */
export async function deleteMappingsOf(trx: Trx, roleId: string): Promise<void> {
  await trx
    .updateTable('identity_providers')
    .set((e) => ({ version: e('version', '+', 1) }))
    .where('id', 'in', (e) => e.selectFrom('role_mappings').select('provider_id').where('role_id', '=', roleId))
    .execute()
  await trx.deleteFrom('role_mappings').where('role_id', '=', roleId).execute()
}
