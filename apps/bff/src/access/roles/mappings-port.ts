/** What the roles need from the identity providers that give them. `identity/providers` implements it. */
import type { Db, Trx } from '../../platform/db/open.ts'

/** Persons whom the provider puts into this group get the role. */
export interface MappedFrom {
  /** The label of the identity provider. */
  provider: string
  source: string
}

export interface RoleMappings {
  listMappings(db: Db, roleId: string): Promise<MappedFrom[]>
  /** Takes the role out of all mappings. */
  removeMappings(trx: Trx, roleId: string): Promise<void>
}
