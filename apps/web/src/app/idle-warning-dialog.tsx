/** Asks whether the person is still there, before the server ends an unused session. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSignOut } from '../api/session.ts'
import { idleEndOf, sessionTimes } from '../api/session-lifetime.ts'
import { useSecond } from '../ui/clock.ts'
import { Dialog, DialogBody, DialogFoot } from '../ui/dialog.tsx'
import { Refusal } from '../ui/refusal.tsx'

export function IdleWarning({ onStay }: { onStay: () => void }) {
  const signOut = useSignOut()
  const seconds = Math.max(0, Math.ceil((idleEndOf(sessionTimes()) - useSecond()) / 1_000))
  const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return (
    <Dialog
      title={t`Stay signed in?`}
      onClose={onStay}
      footer={
        <DialogFoot>
          <Button variant="default" loading={signOut.isPending} onClick={() => signOut.mutate()}>
            <Trans>Sign out</Trans>
          </Button>
          <Button data-autofocus onClick={onStay}>
            <Trans>Stay signed in</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <div>
          <Trans>
            The console was not used for a while. You will be signed out in <strong role="timer">{left}</strong>. What
            you entered on this page stays.
          </Trans>
        </div>
        <Refusal error={signOut.error} waitSeconds={0} />
      </DialogBody>
    </Dialog>
  )
}
