/** What goes on while one is on another page. Closing the tab would end it, so that asks first. */
import { Link, useLocation } from '@tanstack/react-router'
import { useLeaveWarning } from '../ui/leave-warning.ts'
import classes from '../ui/notice.module.css'
import { useWork } from '../ui/work.ts'

export function WorkNotice() {
  const work = useWork()
  const { pathname } = useLocation()
  if (!work) return null
  const { label, done, of, isGoingOn, to } = work
  return (
    <>
      {isGoingOn && <LeaveWarning />}
      {pathname !== to && (
        <output className={classes['notice']} data-warning={!isGoingOn || undefined}>
          <span>
            {label}: {done.toLocaleString('en')} of {of.toLocaleString('en')}.{isGoingOn ? '' : ' It waits for you.'}
          </span>
          <Link to={to}>Show</Link>
        </output>
      )}
    </>
  )
}

function LeaveWarning() {
  useLeaveWarning()
  return null
}
