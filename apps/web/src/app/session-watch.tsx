/** Watches the time while the console is open: keeps the session of a person who types, warns an idle one, and sees the end. */
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { isActive } from '../api/activity.ts'
import { sessionQuery } from '../api/session.ts'
import { phaseOf, sessionTimes } from '../api/session-lifetime.ts'

const IdleWarning = lazy(() =>
  import('./idle-warning-dialog.tsx').then(({ IdleWarning: dialog }) => ({ default: dialog })),
)

const everyMs = 1_000
/** While somebody types, the session is kept this often. */
const keptEveryMs = 5 * 60_000

export function SessionWatch() {
  const client = useQueryClient()
  const [isEnding, setEnding] = useState(false)

  /** Keeps the session, if the person has just done something. A refusal shows that it has ended. */
  const look = () => void client.invalidateQueries({ queryKey: sessionQuery.queryKey })

  // Synchronises with the clock: filling in a form sends no request, and a session ends by itself.
  useEffect(() => {
    let isWarned = false

    function check(): void {
      const now = Date.now()
      const { usedAt, idleMs } = sessionTimes()
      const phase = phaseOf(sessionTimes(), now)
      const isInUse = isActive(now) && !isWarned
      const isDue = isInUse && now - usedAt > Math.min(keptEveryMs, idleMs / 4)
      if ((phase === 'over' || isDue) && !client.isFetching({ queryKey: sessionQuery.queryKey })) look()
      isWarned = phase === 'ending' && !isInUse
      setEnding(isWarned)
    }

    const timer = setInterval(check, everyMs)
    return () => clearInterval(timer)
    // oxlint-disable-next-line react/exhaustive-deps -- `look` only uses the client
  }, [client])

  return <Suspense>{isEnding && <IdleWarning onStay={look} />}</Suspense>
}
