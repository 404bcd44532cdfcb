import { ApiProblem } from '@gatehouse/contract/client'
import { QueryClient } from '@tanstack/react-query'
import { isReached } from './reachability.ts'

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The page does not fetch again what its loader has just fetched.
        staleTime: 5_000,
        retry: (failures, error) => !(error instanceof ApiProblem) && isReached() && failures < 2,
        // By default the library keeps a request back while the browser is offline, and sends it later without a word.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
}
