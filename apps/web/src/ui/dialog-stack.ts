/** Which dialogs are open, the last on top: only that one is shown, keeps the focus and hears Escape. */
import { useEffect, useId } from 'react'
import { create } from 'zustand'

interface Dialogs {
  open: readonly string[]
  /** Opened, but their code is still on its way: they hear Escape, and nothing is hidden for them. */
  awaited: readonly string[]
}

const useDialogs = create<Dialogs>(() => ({ open: [], awaited: [] }))

export function isAnyDialogOpen(): boolean {
  return useDialogs.getState().open.length > 0
}

export function useIsTopDialog(): boolean {
  const id = useId()
  const isTop = useDialogs(({ open }) => !open.includes(id) || open.at(-1) === id)
  // Synchronises with the stack, which spans all parts of the page.
  useEffect(() => {
    useDialogs.setState(({ open }) => ({ open: [...open, id] }))
    return () => useDialogs.setState(({ open }) => ({ open: open.filter((other) => other !== id) }))
  }, [id])
  return isTop
}

export function useAwaitedDialog(): void {
  const id = useId()
  // Synchronises with the stack, which spans all parts of the page.
  useEffect(() => {
    useDialogs.setState(({ awaited }) => ({ awaited: [...awaited, id] }))
    return () => useDialogs.setState(({ awaited }) => ({ awaited: awaited.filter((other) => other !== id) }))
  }, [id])
}

/** Escape means the dialog that is about to come, not the one below it. */
export function useIsAnyAwaited(): boolean {
  return useDialogs(({ awaited }) => awaited.length > 0)
}
