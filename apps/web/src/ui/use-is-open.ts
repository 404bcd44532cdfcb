import { useEffect, useRef } from 'react'

/** Whether the dialog that started an asynchronous task is still open. */
export function useIsOpen(): () => boolean {
  const isOpen = useRef(true)
  // Synchronises with an answer that may arrive after the dialog was closed.
  useEffect(() => {
    isOpen.current = true
    return () => {
      isOpen.current = false
    }
  }, [])
  return () => isOpen.current
}
