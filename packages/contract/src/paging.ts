/** Lists: keyset paging, sorting and searching, the same for each of them. */
import * as z from 'zod/mini'

export const maxPageSize = 200
export const defaultPageSize = 50

/** Where a filtered list stops being counted exactly; `total` is null beyond it. */
export const maxExactTotal = 10_000

/** In a URL it is text, in a call a number. */
export const PageSize = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^\d{1,4}$/))]),
  z.pipe(z.transform(Number), z.number().check(z.int(), z.minimum(1), z.maximum(maxPageSize))),
)

/** What is searched for: no control characters, for no name has one. */
export const SearchText = z.string().check(z.maxLength(200), z.regex(/^\P{Cc}*$/u, 'invalid'))

/** What every list takes: how many, and after which. */
export const pageSearch = {
  limit: z._default(PageSize, defaultPageSize),
  /** The longest key is a resource of 1,024 control characters, as JSON and then as base64. */
  cursor: z.optional(z.string().check(z.maxLength(9_000))),
}

/**
 * The search parameters of a list: `limit`, `cursor`, `search`, `sort` (one of `sorts`, `-` before it for descending)
 * and the filters of its own, such as `name[eq]`.
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

/** A page: `nextCursor` is null on the last one, `total` is null where it was not worth counting. */
export function page<T extends z.ZodMiniType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.nullable(z.string()),
    total: z.nullable(z.number()),
  })
}

export interface Page<T> {
  items: T[]
  nextCursor: string | null
  total: number | null
}
