/** What the roles need from the users who hold them. `identity/users` implements it, because it owns which roles a user has. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { Db, Trx } from '../../platform/db/open.ts'

export interface Holder {
  id: string
  username: string
}

export interface RoleHolders {
  /** The first holders by name, at most `most`. */
  listFirst(reader: Db, roleId: string, most: number): Promise<Holder[]>
  /** Ids of the holders in no particular order, at most `most`. */
  listIds(db: Db, roleId: string, most: number): Promise<string[]>
  /** The permissions of the holders, from all their roles and their own, slice by slice. */
  listPermissions(trx: Trx, roleId: string): AsyncIterable<Permission[]>
  removeRoleFromAll(trx: Trx, roleId: string): Promise<void>
}
