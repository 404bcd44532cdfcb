/** What other mappings change for the users of a provider, by the groups that the provider named last. */
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import { createYielder } from '@gatehouse/pki/read/yielder'
import type { Db } from '../../platform/db/open.ts'
import { type IdentityRow, listIdentitiesAfter } from '../identities/store.ts'
import { mappedRolesOf } from '../users/mapped-roles-store.ts'
import { rolesFor } from './roles-for.ts'

export interface MappingChange {
  userId: string
  /** Mapped roles. */
  held: readonly string[]
  gains: string[]
  loses: string[]
}

const sliceSize = 100

/** A slice of the users who come from the provider. Users for whom nothing changes have two empty lists. */
export async function* changesByMappings(db: Db, provider: IdentityProvider): AsyncGenerator<MappingChange[]> {
  const yieldIfDue = createYielder()
  for await (const identities of identitiesInSlices(db, provider.id)) {
    const origins = identities.filter(({ is_origin }) => is_origin === 1)
    if (origins.length > 0) {
      const held = await mappedRolesOf(
        db,
        origins.map(({ user_id }) => user_id),
      )
      yield origins.map((identity) => changeOf(provider, identity, held.get(identity.user_id) ?? []))
    }
    await yieldIfDue()
  }
}

function changeOf(provider: IdentityProvider, identity: IdentityRow, held: readonly string[]): MappingChange {
  const groups = readGroups(identity)
  const mapped = provider.mappings.map(({ roleId }) => roleId)
  const given = groups
    ? rolesFor(provider, groups).map(({ roleId }) => roleId)
    : held.filter((id) => mapped.includes(id))
  return {
    userId: identity.user_id,
    held,
    gains: given.filter((id) => !held.includes(id)),
    loses: held.filter((id) => !given.includes(id)),
  }
}

/** Null: the provider did not name them all. */
export function readGroups({ source_groups }: Pick<IdentityRow, 'source_groups'>): string[] | null {
  return source_groups === null ? null : (JSON.parse(source_groups) as string[])
}

/** All identities of a provider, linked ones too. */
export async function* identitiesInSlices(db: Db, providerId: string): AsyncGenerator<IdentityRow[]> {
  for (let after = ''; ; ) {
    const rows = await listIdentitiesAfter(db, { providerId, after, limit: sliceSize })
    const last = rows.at(-1)
    if (!last) return
    yield rows
    after = last.subject
  }
}
