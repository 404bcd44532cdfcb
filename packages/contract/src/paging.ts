/** Paging, sorting and searching, the same for every list. Pages are read by key (keyset paging). */
import * as z from 'zod/mini'

export const maxPageSize = 200
export const defaultPageSize = 50

/** Up to this number lists are counted exactly; beyond it `total` is null. */
export const maxExactTotal = 10_000

/** Text in a URL, a number in a call. */
export const PageSize = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^\d{1,4}$/))]),
  z.pipe(z.transform(Number), z.number().check(z.int(), z.minimum(1), z.maximum(maxPageSize))),
)

/** Text to search for. Refuses control characters, because no name contains one. */
export const SearchText = z.string().check(z.maxLength(200), z.regex(/^\P{Cc}*$/u, 'invalid'))

/** The parameters of every list: the size of a page and where it starts. */
export const pageSearch = {
  limit: z._default(PageSize, defaultPageSize),
  /** The longest key is a resource of 1,024 control characters, as JSON and then as base64. */
  cursor: z.optional(z.string().check(z.maxLength(9_000))),
}

/**
 * Returns the search parameters of a list: `limit`, `cursor`, `search`, `sort` (one of `sorts`, with `-` for
 * descending) and its own filters, such as `name[eq]`.
 */
export function listSearch<const S extends readonly [string, ...string[]], F extends Record<string, z.ZodMiniType>>(
  sorts: S,
  filters: F,
) {
  const directions = sorts.flatMap((sort) => [sort, `-${sort}`]) as unknown as readonly [S[number] | `-${S[number]}`]
  return z.strictObject({
    ...pageSearch,
    search: z.optional(SearchText),
    sort: z.optional(z.enum(directions)),
    ...filters,
  })
}

/**
 * Returns the shape of a page. `nextCursor` is null on the last one; `total` is null if there are too many to count.
 */
export function page<T extends z.ZodMiniType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.nullable(z.string()),
    total: z.nullable(z.number()),
  })
}

/** One page of a list; see `page`. */
export interface Page<T> {
  items: T[]
  nextCursor: string | null
  total: number | null
}
