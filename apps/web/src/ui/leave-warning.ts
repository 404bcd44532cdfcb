/** For what is shown once: it is nowhere else. */
import { useEffect } from 'react'

export function useLeaveWarning(): void {
  // Synchronises with the browser's window: leaving the page asks first, for what is on it is nowhere else.
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [])
}
