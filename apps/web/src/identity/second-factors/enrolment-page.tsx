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
      title={onSkip ? t`Enable multi-factor authentication?` : t`Set up multi-factor authentication`}
      description={
        onSkip
          ? t`Protects your account even if your password is stolen. Signing in also takes a code from an app on your phone. The setup takes a minute, and you can do it later, in the menu under your name.`
          : t`Your organization requires multi-factor authentication. Signing in also takes a code from an app on your phone. The setup takes a minute.`
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
