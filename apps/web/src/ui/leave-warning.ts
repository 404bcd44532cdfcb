/** For secrets that are shown once. */
import { useEffect } from 'react'

export function useLeaveWarning(): void {
  // Synchronises with the browser's window: it asks before the page is left.
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [])
}
