/** The second factor before the console: due (the stage `mfa-enrolment-required`), or offered after the first password. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import '../../ui/console-styles.css'
import { Button } from '@mantine/core'
import { ModalHost } from '../../ui/modals.tsx'
import { Frame, SignOutButton } from '../sign-in/frame.tsx'
import { EnableMfa } from './enable-mfa.tsx'
import { ResetNotice } from './factor-notices.tsx'

/** `onSkip`: it is an offer. */
export function EnrolmentPage({ onSkip }: { onSkip?: () => void }) {
  return (
    <Frame
      title={onSkip ? t`Add a second factor?` : t`A second factor is due`}
      description={
        onSkip
          ? t`With it a stolen password is not enough: signing in also takes a code from an app on your phone. It takes a minute, and can be done later under Settings.`
          : t`Your account demands multi-factor authentication: signing in also takes a code from an app on your phone. Setting it up takes a minute.`
      }
    >
      <ResetNotice />
      <EnableMfa isFullWidth />
      {onSkip ? (
        <Button variant="default" onClick={onSkip}>
          <Trans>Not now</Trans>
        </Button>
      ) : (
        <SignOutButton />
      )}
      <ModalHost place="session" />
    </Frame>
  )
}
