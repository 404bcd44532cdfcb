/** Which dialogs are open, the last on top: only that one is shown, keeps the focus and hears Escape. */
import { useEffect, useId, useSyncExternalStore } from 'react'

let stack: readonly string[] = []
/** Those that are opened, but whose code is still on its way: they hear Escape, and nothing is hidden for them. */
let awaited: readonly string[] = []
const listeners = new Set<() => void>()

function change(next: readonly string[], nextAwaited = awaited): void {
  stack = next
  awaited = nextAwaited
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Is one shown now, which waits for an answer? */
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

export function useAwaitedDialog(): void {
  const id = useId()
  // Synchronises with the stack, which spans all parts of the page.
  useEffect(() => {
    change(stack, [...awaited, id])
    return () =>
      change(
        stack,
        awaited.filter((other) => other !== id),
      )
  }, [id])
}

/** Whoever presses Escape means the dialog that is about to come, not the one below it. */
export function useIsAnyAwaited(): boolean {
  return useSyncExternalStore(subscribe, () => awaited.length > 0)
}
