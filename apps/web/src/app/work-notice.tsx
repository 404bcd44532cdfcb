/** What goes on while one is on another page. Closing the tab would end it, so that asks first. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Link, useLocation } from '@tanstack/react-router'
import { formatNumber } from '../messages/format.ts'
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
            <Trans>
              {label}: {formatNumber(done)} of {formatNumber(of)}.
            </Trans>
            {!isGoingOn && <> {t`Waiting for your input.`}</>}
          </span>
          <Link to={to}>
            <Trans>Show</Trans>
          </Link>
        </output>
      )}
    </>
  )
}

function LeaveWarning() {
  useLeaveWarning()
  return null
}
