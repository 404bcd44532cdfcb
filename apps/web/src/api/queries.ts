/** Queries and mutations for the routes of the contract, typed from the route. */
import type { Input } from '@gatehouse/contract/client'
import type { Page } from '@gatehouse/contract/paging'
import type { Answer, Route } from '@gatehouse/contract/route'
import {
  infiniteQueryOptions,
  queryOptions,
  type UseMutationResult,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import type * as z from 'zod/mini'
import { call, isRefusal } from './client.ts'
import { refreshAfter } from './invalidation.ts'

/** What a route answers to this input, as query options. The key is `[route.id, input]`. */
export function queryFor<R extends Route>(route: R, input: Input<R>) {
  return queryOptions<Answer<R>>({
    queryKey: [route.id, input],
    queryFn: ({ signal }) => call(route, { ...input, signal }),
  })
}

/** A list that appends its next page, for "Show more". */
export function pagesFor<R extends ListRoute>(route: R, input: Input<R>) {
  const { search } = input as { search?: object }
  return infiniteQueryOptions({
    queryKey: [route.id, input, 'pages'],
    queryFn: ({ pageParam, signal }) => call(route, { ...input, search: { ...search, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => (last as Pick<Page<unknown>, 'nextCursor'>).nextCursor ?? undefined,
  })
}

type ListRoute = Route & { answer: z.ZodMiniType<Pick<Page<unknown>, 'nextCursor'>> }

/** A change through one route. It refreshes what the change made stale, see `invalidation.ts`. */
export function useChange<R extends Route>(route: R): UseMutationResult<Answer<R>, Error, Input<R>> {
  const client = useQueryClient()
  return useMutation<Answer<R>, Error, Input<R>>({
    mutationKey: [route.id],
    mutationFn: (input) => call(route, input),
    // Awaited by the mutation: a dialog closes over a list that is already the new one.
    onSuccess: () => refreshAfter(client, route),
    // The screen shows an old version.
    onError: (error) => (isRefusal(error, 'changed_meanwhile') ? refreshAfter(client, route) : undefined),
  })
}
