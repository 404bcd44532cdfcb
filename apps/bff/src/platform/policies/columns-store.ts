// A file of its own: the broker's thread loads `store.ts`, and must not load Kysely.
import type { Settings } from '@gatehouse/contract/operations/settings'
import { type RawBuilder, sql } from 'kysely'
import { policiesFrom } from './store.ts'

/** Columns with the policies in force, for a statement that reads other rows too. `policiesOf` reads them. */
export const policiesColumns: RawBuilder<PoliciesColumns> = sql`
  (select policies from settings where id = 1) as policies_text,
  (select version from settings where id = 1) as policies_version`

export interface PoliciesColumns {
  /** Null: nothing was changed yet. */
  policies_text: string | null
  policies_version: number | null
}

export function policiesOf({ policies_text: policies, policies_version: version }: PoliciesColumns): Settings {
  return policiesFrom(policies === null || version === null ? undefined : { policies, version })
}
