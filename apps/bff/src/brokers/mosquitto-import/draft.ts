/** What the files would import, before the database is asked. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { ForeignHash } from '../../identity/passwords/imported-hash.ts'
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
  authorities: PemText[]
  crls: PemText[]
  findings: Findings
}
