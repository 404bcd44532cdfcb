/** A dialog that exists once and is opened from anywhere with a question, as a promise of its answer. */
import { useSyncExternalStore } from 'react'

export interface OpenDialog<Question, Reply> {
  /** Another question is another dialog, even if it reads the same: its `key`. */
  readonly id: number
  readonly question: Question
  readonly settle: (reply: Reply) => void
}

export function dialogSlot<Question, Reply>() {
  let open: OpenDialog<Question, Reply> | null = null
  let asked = 0
  const listeners = new Set<() => void>()

  function show(next: OpenDialog<Question, Reply> | null): void {
    open = next
    for (const listener of listeners) listener()
  }

  function subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  return {
    open: (question: Question): Promise<Reply> =>
      new Promise((resolve) => {
        const dialog: OpenDialog<Question, Reply> = {
          id: ++asked,
          question,
          settle: (reply) => {
            // The answer may itself have opened the next question.
            if (open === dialog) show(null)
            resolve(reply)
          },
        }
        show(dialog)
      }),
    useOpen: (): OpenDialog<Question, Reply> | null => useSyncExternalStore(subscribe, () => open),
  }
}
