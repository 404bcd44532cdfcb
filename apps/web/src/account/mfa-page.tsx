/** Own account → Multi-factor authentication: turning it on and off, and the backup codes. */

import { fewBackupCodes, type Mfa, mfa } from '@gatehouse/contract/identity/second-factors'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { lazy, useState } from 'react'
import { queryFor } from '../api/queries.ts'
import type { Loading } from '../api/session.ts'
import { backupCodeCount } from '../identity/second-factors/backup-code-words.ts'
import { EnableMfa } from '../identity/second-factors/enable-mfa.tsx'
import classes from '../identity/second-factors/enrolment.module.css'
import { formatExactTime } from '../messages/format.ts'
import { StatusBadge } from '../ui/badges.tsx'
import { Fact, Facts } from '../ui/facts.tsx'
import { GuardedButton } from '../ui/guarded-button.tsx'
import { LateDialog } from '../ui/late-dialog.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { AccountNavigation } from './account-pages.tsx'

/** Loaded when they are opened. */
const DisableMfa = lazy(() =>
  import('../identity/second-factors/disable-mfa.tsx').then(({ DisableMfa: dialog }) => ({ default: dialog })),
)
const RegenerateCodes = lazy(() =>
  import('../identity/second-factors/regenerate-codes.tsx').then(({ RegenerateCodes: dialog }) => ({
    default: dialog,
  })),
)

const mfaQuery = queryFor(mfa.view, {})

export async function load({ context }: Loading): Promise<void> {
  await context.client.fetchQuery({ ...mfaQuery, staleTime: 0 })
}

export function MfaPage() {
  const { data: factor } = useSuspenseQuery(mfaQuery)
  return (
    <>
      <AccountNavigation />
      <PageHeader
        help={() => import('./help.ts').then(({ mfaHelp }) => mfaHelp)}
        title={t`Multi-factor authentication`}
        description={t`Protects your account even if your password is stolen.`}
      />
      <div className={classes['page']}>{factor.enabled ? <On factor={factor} /> : <Off />}</div>
    </>
  )
}

function Off() {
  return (
    <>
      <p>
        <Trans>
          MFA is off. Your password alone grants access. You need an authenticator app, such as Aegis, FreeOTP, 2FAS or
          Google Authenticator, or a password manager that shows codes.
        </Trans>
      </p>
      <EnableMfa />
    </>
  )
}

const whyNotDisable = t`MFA is required for your account, so you cannot disable it.`

function On({ factor: { enrolledAt, required, backupCodesLeft } }: { factor: Mfa }) {
  const [asked, setAsked] = useState<'regenerate' | 'disable' | null>(null)
  const close = () => setAsked(null)
  return (
    <>
      <Facts>
        <Fact label={t`State`}>
          <StatusBadge status="valid">
            <Trans>on</Trans>
          </StatusBadge>{' '}
          {required && t`required for your account`}
        </Fact>
        <Fact label={t`Since`}>
          {enrolledAt && (
            <>
              {formatExactTime(enrolledAt)} (<RelativeTime at={enrolledAt} />)
            </>
          )}
        </Fact>
        <Fact label={t`Backup codes`}>
          {backupCodeCount(backupCodesLeft)}{' '}
          {backupCodesLeft <= fewBackupCodes && (
            <StatusBadge status="expiring">
              <Trans>few left</Trans>
            </StatusBadge>
          )}
        </Fact>
      </Facts>
      <div className={classes['actions']}>
        <Button variant="default" onClick={() => setAsked('regenerate')}>
          <Trans>Regenerate backup codes</Trans>
        </Button>
        <GuardedButton
          variant="default"
          whyNot={required ? whyNotDisable : undefined}
          onClick={() => setAsked('disable')}
        >
          <Trans>Disable multi-factor authentication</Trans>
        </GuardedButton>
      </div>
      {asked !== null && (
        <LateDialog onClose={close}>
          {asked === 'regenerate' ? <RegenerateCodes onClose={close} /> : <DisableMfa onClose={close} />}
        </LateDialog>
      )}
    </>
  )
}
