/** What every list keeps in its URL. */
import { SearchText } from '@gatehouse/contract/paging'
import * as z from 'zod/mini'

/** A parameter of a page's URL: a wrong one is left out, never an error page. */
export function parameter<T extends z.ZodMiniType>(schema: T) {
  // oxlint-disable-next-line promise/valid-params -- zod's catch, not a promise's
  return z.catch(z.optional(schema), undefined)
}

/** `search`, `sort` (of the route's own) and `cursor`, to be spread into the page's schema. */
export function listParameters<T extends z.ZodMiniType>(sort: T) {
  return {
    search: parameter(SearchText),
    sort: parameter(sort),
    cursor: parameter(z.string()),
  }
}
