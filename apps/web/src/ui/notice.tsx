/** A message above the page, with a button that dismisses it. */
import { t } from '@lingui/core/macro'
import { CloseButton } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './notice.module.css'

interface NoticeProps {
  isWarning: boolean
  onDismiss: () => void
  children: ReactNode
}

export function Notice({ isWarning, onDismiss, children }: NoticeProps) {
  return (
    <output className={classes['notice']} data-warning={isWarning || undefined}>
      <span>{children}</span>
      <CloseButton size="sm" aria-label={t`Dismiss`} onClick={onDismiss} />
    </output>
  )
}
