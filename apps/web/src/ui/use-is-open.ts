import { useEffect, useRef } from 'react'

/** For what takes its time: is the dialog that began it still there? */
export function useIsOpen(): () => boolean {
  const isOpen = useRef(true)
  // Synchronises with the answer, which comes when it comes.
  useEffect(() => {
    isOpen.current = true
    return () => {
      isOpen.current = false
    }
  }, [])
  return () => isOpen.current
}
