/** What a person should know at once about the own second factor, above the page: until it is dismissed or no longer true. */

import { fewBackupCodes } from '@gatehouse/contract/identity/second-factors'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { dropBackupCodesLeft, setNotices, useNotices } from '../../api/notices.ts'
import { sessionQuery } from '../../api/session.ts'
import { Notice } from '../../ui/notice.tsx'
import { backupCodeCount } from './backup-code-words.ts'

/** `children`: the way to set it up again, where there is a page for it. */
export function ResetNotice({ children }: { children?: ReactNode }) {
  const { data: held } = useSuspenseQuery(sessionQuery)
  const { isResetRead } = useNotices()
  if (held?.notice !== 'mfa-reset' || held.mfaEnabled || isResetRead) return null
  return (
    <Notice isWarning onDismiss={() => setNotices({ isResetRead: true })}>
      <Trans>
        An administrator disabled your multi-factor authentication. Until you set it up again, your password is enough
        to sign in.
      </Trans>
      {children}
    </Notice>
  )
}

export function BackupCodesNotice() {
  const { backupCodesLeft } = useNotices()
  if (backupCodesLeft === undefined) return null
  const isWarning = backupCodesLeft <= fewBackupCodes
  return (
    <Notice isWarning={isWarning} onDismiss={dropBackupCodesLeft}>
      <Trans>You signed in with a backup code.</Trans> {backupCodeCount(backupCodesLeft)}{' '}
      {isWarning && (
        <Link to="/account/mfa">
          <Trans>Regenerate</Trans>
        </Link>
      )}
    </Notice>
  )
}
