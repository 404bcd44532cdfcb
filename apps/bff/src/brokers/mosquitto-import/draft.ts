/** What the files would import, before the database is asked. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { maxImportedUsers, type UnderDeny } from '@gatehouse/contract/brokers/mosquitto-import'
import type { ForeignHash } from '../../identity/passwords/imported-hash.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Findings, Place } from './findings.ts'

export interface DraftUser {
  username: string
  displayName: string | null
  disabled: boolean
  hash: ForeignHash | null
  /** A listener takes the username from the certificate. */
  hasCertificateGrant: boolean
  /** Names of roles of the draft. */
  roles: string[]
  /** Besides those of the roles. */
  permissions: Permission[]
  tags: string[]
  place: Place
}

export interface DraftRole {
  name: string
  description: string
  permissions: Permission[]
}

export interface PemText {
  file: string
  text: string
}

export interface Draft {
  users: Map<string, DraftUser>
  roles: Map<string, DraftRole>
  /** Direct permissions of all users. */
  permissions: number
  authorities: PemText[]
  crls: PemText[]
  findings: Findings
  /** What becomes of an allowed topic of which a part is denied. */
  underDeny: UnderDeny
}

/** Direct permissions of all users. Patterns with the username give some to each. */
export const maxPermissions = 1_000_000

/** Throws `import_too_large` for more than one import may have. */
export function addUser(draft: Draft, user: DraftUser): void {
  draft.users.set(user.username, user)
  draft.permissions += user.permissions.length
  if (draft.permissions > maxPermissions || draft.users.size > maxImportedUsers) throw new Problem('import_too_large')
}

/** How rules are judged, and where the losses are listed. */
export type Judging = Pick<Draft, 'findings' | 'underDeny'>
