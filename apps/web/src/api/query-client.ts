import { ApiProblem } from '@gatehouse/contract/client'
import { QueryClient } from '@tanstack/react-query'

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The page does not fetch again what its loader has just fetched.
        staleTime: 5_000,
        retry: (failures, error) => !(error instanceof ApiProblem) && failures < 2,
      },
    },
  })
}
