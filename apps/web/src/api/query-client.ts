import { ApiProblem } from '@gatehouse/contract/client'
import { QueryClient } from '@tanstack/react-query'

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // What the route's loader has just fetched is not fetched again by the page that it was fetched for.
        staleTime: 5_000,
        retry: (failures, error) => !(error instanceof ApiProblem) && failures < 2,
      },
    },
  })
}
