/** Reading and changing through the contract: what a page asks for and what a dialog does, typed from the route. */
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

/** What a route answers to this input, as query options. The key is `[route.id, input]`. */
export function queryFor<R extends Route>(route: R, input: Input<R>) {
  return queryOptions<Answer<R>>({
    queryKey: [route.id, input],
    queryFn: ({ signal }) => call(route, { ...input, signal }),
  })
}

/** A list that grows where it stands: its pages one under the other, as many as were asked for. */
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

/** A change that a form dialog takes: the mutation together with the route that it calls. */
export type Change<R extends Route> = UseMutationResult<Answer<R>, Error, Input<R>> & { route: R }

interface ChangeOptions<R extends Route> {
  /** The routes whose answers it may alter. */
  invalidates: readonly Route[]
  /** Makes what is made only when it is sent; once, however often it has to be sent. */
  prepare?: (input: Input<R>) => Promise<Input<R>>
  /** Calls the route in a way of its own, such as several times. */
  send?: (input: Input<R>) => Promise<Answer<R>>
}

/** A change through one route. */
export function useChange<R extends Route>(route: R, { invalidates, prepare, send }: ChangeOptions<R>): Change<R> {
  const client = useQueryClient()
  const mutation = useMutation<Answer<R>, Error, Input<R>>({
    mutationKey: [route.id],
    mutationFn: async (given) => {
      const input = prepare ? await prepare(given) : given
      return send ? send(input) : call(route, input)
    },
    // Awaited by the mutation: a dialog closes over a list that is already the new one.
    onSuccess: refresh,
    // What is on the screen is no longer what there is.
    onError: (error) => (isRefusal(error, 'changed_meanwhile') ? refresh() : undefined),
  })

  function refresh(): Promise<unknown> {
    return Promise.all(invalidates.map(({ id }) => client.invalidateQueries({ queryKey: [id] })))
  }

  return { ...mutation, route }
}
