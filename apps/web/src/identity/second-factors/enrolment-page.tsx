/** The second factor before the console: due (the stage `mfa-enrolment-required`), or offered after the first password. */
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
      title={onSkip ? 'Add a second factor?' : 'A second factor is due'}
      description={
        onSkip
          ? 'With it a stolen password is not enough: signing in also takes a code from an app on your phone. It takes a minute, and can be done later under Settings.'
          : 'Your account demands multi-factor authentication: signing in also takes a code from an app on your phone. Setting it up takes a minute.'
      }
    >
      <ResetNotice />
      <EnableMfa isFullWidth />
      {onSkip ? (
        <Button variant="default" onClick={onSkip}>
          Not now
        </Button>
      ) : (
        <SignOutButton />
      )}
      <ModalHost place="session" />
    </Frame>
  )
}
