import { authorities } from '@gatehouse/contract/certificates/authorities'
import * as z from 'zod/mini'
import { queryFor } from '../../api/queries.ts'
import { listParameters, parameter } from '../../ui/list-parameters.ts'

/** The URL of the list, and whether the upload is open. */
export const AuthoritiesSearch = z.object({
  ...listParameters(authorities.list.search.shape.sort),
  expires: parameter(authorities.list.search.shape['expires[eq]']),
  vouchesFor: parameter(authorities.list.search.shape['vouchesFor[eq]']),
  upload: parameter(z.string()),
})
export type AuthoritiesSearch = z.output<typeof AuthoritiesSearch>

export function authorityQuery(fingerprint: string) {
  return queryFor(authorities.view, { params: { fingerprint } })
}

export function chainQuery(fingerprint: string) {
  return queryFor(authorities.chain, { params: { fingerprint } })
}
