import { Id } from '@gatehouse/contract/base'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import * as z from 'zod/mini'
import { pagesFor, queryFor } from '../../api/queries.ts'
import { parameter } from '../../ui/list-parameters.ts'

/** The URL of the page: which dialog is open. */
export const UpstreamsSearch = z.object({
  create: parameter(z.string()),
  edit: parameter(Id),
  /** The upstream whose identities are shown. */
  identities: parameter(Id),
})
export type UpstreamsSearch = z.output<typeof UpstreamsSearch>

export const upstreamsQuery = queryFor(upstreams.list, {})

/** The upstream whose dialog the URL opens. */
export function upstreamQuery(id: string) {
  return queryFor(upstreams.view, { params: { id } })
}

/** `username` empty: all, the newest first. */
export function identitiesQuery(id: string, username: string) {
  return pagesFor(upstreams.listIdentities, {
    params: { id },
    search: username === '' ? {} : { 'username[eq]': username },
  })
}
