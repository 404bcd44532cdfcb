/** The button that begins an enrolment, and its two dialogs: the authenticator app, then the backup codes. */

import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, useState } from 'react'
import { useChange } from '../../api/queries.ts'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { Problem } from '../../ui/problem.tsx'
import type { Enrolment } from './enrol-dialog.tsx'
import { labelOf } from './enrolment-label.ts'
import { shownCodes } from './shown-codes.ts'

const EnrolDialog = lazy(() => import('./enrol-dialog.tsx').then(({ EnrolDialog: dialog }) => ({ default: dialog })))

export function EnableMfa({ isFullWidth = false }: { isFullWidth?: boolean }) {
  const client = useQueryClient()
  const { mutate, isPending, error } = useChange(mfa.enrol)
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null)

  function begin(): void {
    if (!isPending) mutate({}, { onSuccess: setEnrolment })
  }

  async function finish({ otpauthUri }: Enrolment, backupCodes: readonly string[]): Promise<void> {
    setEnrolment(null)
    await shownCodes.open({ username: labelOf(otpauthUri).replace(/^[^:]*:/, ''), backupCodes })
    await client.invalidateQueries({ queryKey: [session.view.id] })
  }

  return (
    <>
      <Problem error={error} />
      {/* Not `loading`, which disables it: the dialogs that open meanwhile give the focus back to it. */}
      <Button aria-busy={isPending} fullWidth={isFullWidth} onClick={begin}>
        <Trans>Enable multi-factor authentication</Trans>
      </Button>
      {enrolment && (
        <LateDialog onClose={() => setEnrolment(null)}>
          <EnrolDialog
            enrolment={enrolment}
            onDone={(backupCodes) => void finish(enrolment, backupCodes)}
            onClose={() => setEnrolment(null)}
          />
        </LateDialog>
      )}
    </>
  )
}
