import { authorities } from '@gatehouse/contract/certificates/authorities'
import { queryFor } from '../../api/queries.ts'

/** The CAs that a search finds; only the first results. Without a search: their names, for the list of listeners. */
export function authorityChoicesQuery(search = '') {
  return queryFor(authorities.list, { search: { search: search || undefined, sort: 'name', limit: 200 } })
}

const shownDigits = 12

/** For a CA whose name is not known. */
export function shortFingerprint(fingerprint: string): string {
  return `${fingerprint.slice(0, shownDigits)}…`
}
