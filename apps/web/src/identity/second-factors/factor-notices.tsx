/** What somebody should know at once, above the page: until it is dismissed, or is no longer true. */
import { fewBackupCodes } from '@gatehouse/contract/identity/second-factors'
import { CloseButton } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { dropBackupCodesLeft, setNotices, useNotices } from '../../api/notices.ts'
import { sessionQuery } from '../../api/session.ts'
import { backupCodeCount } from './backup-code-words.ts'
import classes from '../../ui/notices.module.css'
import { WorkNotice } from '../../app/work-notice.tsx'

export function Notices() {
  return (
    <>
      <ResetNotice>
        {' '}
        <Link to="/settings/mfa">Set it up again</Link>
      </ResetNotice>
      <BackupCodesNotice />
      <WorkNotice />
    </>
  )
}

/** `children`: the way to set it up again, where there is a page for it. */
export function ResetNotice({ children }: { children?: ReactNode }) {
  const { data: held } = useSuspenseQuery(sessionQuery)
  const { isResetRead } = useNotices()
  if (held?.notice !== 'mfa-reset' || held.mfaEnabled || isResetRead) return null
  return (
    <Notice isWarning onDismiss={() => setNotices({ isResetRead: true })}>
      An administrator turned your second factor off. Your password alone lets in until you set it up again.
      {children}
    </Notice>
  )
}

function BackupCodesNotice() {
  const { backupCodesLeft } = useNotices()
  if (backupCodesLeft === undefined) return null
  const isWarning = backupCodesLeft <= fewBackupCodes
  return (
    <Notice isWarning={isWarning} onDismiss={dropBackupCodesLeft}>
      You signed in with a backup code. {backupCodeCount(backupCodesLeft)}{' '}
      {isWarning && <Link to="/settings/mfa">Regenerate</Link>}
    </Notice>
  )
}

interface NoticeProps {
  isWarning: boolean
  onDismiss: () => void
  children: ReactNode
}

function Notice({ isWarning, onDismiss, children }: NoticeProps) {
  return (
    <output className={classes['notice']} data-warning={isWarning || undefined}>
      <span>{children}</span>
      <CloseButton size="sm" aria-label="Dismiss" onClick={onDismiss} />
    </output>
  )
}
