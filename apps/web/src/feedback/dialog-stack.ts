/** Which dialogs are open, the last on top: only that one is shown, keeps the focus and hears Escape. */
import { useEffect, useId, useSyncExternalStore } from 'react'

let stack: readonly string[] = []
const listeners = new Set<() => void>()

function change(next: readonly string[]): void {
  stack = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Does one wait for an answer now? */
export function isAnyDialogOpen(): boolean {
  return stack.length > 0
}

export function useIsTopDialog(): boolean {
  const id = useId()
  const now = useSyncExternalStore(subscribe, () => stack)
  // Synchronises with the stack, which spans all parts of the page.
  useEffect(() => {
    change([...stack, id])
    return () => change(stack.filter((other) => other !== id))
  }, [id])
  return !now.includes(id) || now.at(-1) === id
}
