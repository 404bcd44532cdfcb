/** The thing that a dialog edits, as it was when the dialog opened. */
import { type UseSuspenseQueryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'

export interface Opened<T> {
  value: T
  /** What is so now, held from here on. */
  reload: () => Promise<T>
  /** What is held is now this, by a change of one's own beside the form; what is being typed stays. */
  adopt: (value: T) => void
}

/**
 * A refetch in the background must neither overwrite what is being typed, nor renew the version that will be sent
 * (it would overwrite somebody else's change); so the value is held until it is asked for again.
 */
export function useOpened<T>(query: UseSuspenseQueryOptions<T>): Opened<T> {
  const { data, refetch } = useSuspenseQuery(query)
  const [value, adopt] = useState(data)
  return {
    value,
    adopt,
    reload: async () => {
      const { data: current } = await refetch({ throwOnError: true })
      if (current === undefined) throw new Error('A refetch that did not fail has no data')
      adopt(current)
      return current
    },
  }
}
