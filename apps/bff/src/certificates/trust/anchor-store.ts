/** Reads the trusted CAs for the broker. The certificates are read apart from what may change about a CA. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { Anchor } from '@gatehouse/pki/judge/chain'
import { userRights } from '../../identity/users/rights-sql-store.ts'
import type { PreparedReader, Words } from '../../platform/db/prepared-reader.ts'

export interface StoredAnchor extends Anchor {
  name: string
  /** Id of the user who limited the CA. Null: an administrator, or nobody. */
  limitedBy: string | null
}

/** The permissions of a user who limited a CA. Deleted and disabled users are missing. */
export interface Limiter {
  id: string
  permissions: Permission[]
}

/** Everything except the certificate. */
export type AnchorHead = Omit<StoredAnchor, 'der'>

export interface AnchorStore {
  /** A slice in the order of fingerprints, after this one. Empty: there are no more. */
  listAnchorHeads(after: string): Promise<AnchorHead[]>
  listLimiters(): Promise<Limiter[]>
  readAnchorDer(fingerprints: readonly string[]): Promise<Pick<StoredAnchor, 'fingerprint' | 'der'>[]>
}

interface HeadRow {
  fingerprint: string
  name: string
  usernames: string
  limited_by: string | null
}

interface LimiterRow {
  id: string
  permissions: string
}

const headsAtOnce = 1_000

export function prepareAnchors(reader: PreparedReader): AnchorStore {
  const heads = reader.prepare<HeadRow>(
    (words) =>
      `select fingerprint, name, limited_by, ${globs(words)} as usernames from authorities a
       where withdrawn_at is null and fingerprint > ? order by fingerprint limit ${headsAtOnce}`,
  )
  const limiters = reader.prepare<LimiterRow>(
    (words) =>
      `select u.id, ${allPermissions(words)} as permissions from users u
       where u.disabled_at is null and u.id in (select limited_by from authorities where withdrawn_at is null)
       order by u.id`,
  )
  const ders = reader.prepare<Pick<StoredAnchor, 'fingerprint' | 'der'>>(
    (words) => `select fingerprint, der from authorities where fingerprint in (${words.elements('?')})`,
  )
  return {
    listAnchorHeads: async (after) => (await heads(after)).map(toHead),
    listLimiters: async () =>
      (await limiters()).map(({ id, permissions }) => ({ id, permissions: toPermissions(permissions) })),
    readAnchorDer: (fingerprints) => ders(JSON.stringify(fingerprints)),
  }
}

function globs({ list }: Words): string {
  return `(select ${list('glob')} from authority_usernames n where n.fingerprint = a.fingerprint)`
}

function toHead({ fingerprint, name, limited_by, usernames }: HeadRow): AnchorHead {
  return { fingerprint, name, limitedBy: limited_by, usernames: (JSON.parse(usernames) as string[]).toSorted() }
}

/** The rights of the user `u`. */
export function allPermissions({ list, array }: Words): string {
  return `(select ${list(array('context', 'resource', 'operation'))} from (${userRights('u.id')}) as allowed)`
}

export function toPermissions(json: string): Permission[] {
  const rows: [Permission['context'], string, Permission['operation']][] = JSON.parse(json)
  return rows.map(([context, resource, operation]) => ({ context, resource, operation }))
}
