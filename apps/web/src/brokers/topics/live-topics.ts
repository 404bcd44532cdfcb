/** The live view of a filter: it is open while the page is visible and not paused. */
import { topics } from '@gatehouse/contract/brokers/topics'
import { useDocumentVisibility } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { isRefusal } from '../../api/client.ts'
import { followEvents } from '../../api/events.ts'
import { afterEvent, type LiveTopics, noTopics } from './topic-state.ts'

const againAfterMs = 2_000

export interface LiveView extends LiveTopics {
  /** Why the server refuses the view; undefined while it is open, or will be tried again. */
  problem: unknown
  /** The connection was lost, and is tried again. */
  isInterrupted: boolean
}

interface Held extends LiveView {
  filter: string
}

const nothing = { ...noTopics, problem: undefined, isInterrupted: false }

export function useLiveTopics(filter: string, isPaused: boolean): LiveView {
  const [held, setHeld] = useState<Held>({ ...nothing, filter })
  const isVisible = useDocumentVisibility() === 'visible'
  const isOn = isVisible && !isPaused

  // Synchronises with the server's stream of events.
  useEffect(() => {
    if (!isOn) return undefined
    const leaving = new AbortController()
    const change = (next: (before: Held) => Partial<LiveView>) => {
      if (leaving.signal.aborted) return
      setHeld((before) => {
        const current = before.filter === filter ? before : { ...nothing, filter }
        return { ...current, ...next(current) }
      })
    }
    void follow(filter, leaving.signal, change)
    return () => leaving.abort()
  }, [filter, isOn])

  return held.filter === filter ? held : nothing
}

type Change = (next: (before: LiveTopics) => Partial<LiveView>) => void

async function follow(filter: string, signal: AbortSignal, change: Change): Promise<void> {
  while (!signal.aborted) {
    // A new view counts from its own beginning.
    let isFirst = true
    try {
      await followEvents(
        topics.watch,
        { filter },
        {
          signal,
          onEvent: (event) => {
            const from = isFirst ? noTopics : undefined
            isFirst = false
            change((before) => ({ ...afterEvent(from ?? before, event), problem: undefined, isInterrupted: false }))
          },
        },
      )
    } catch (error) {
      if (isFinal(error)) return change(() => ({ ...nothing, problem: error }))
    }
    change(() => ({ isInterrupted: true }))
    await new Promise((resolve) => setTimeout(resolve, againAfterMs))
  }
}

/** To try again would not help. */
function isFinal(error: unknown): boolean {
  return (['not_permitted', 'not_signed_in', 'invalid', 'too_many_views', 'stage_not_allowed'] as const).some((code) =>
    isRefusal(error, code),
  )
}
