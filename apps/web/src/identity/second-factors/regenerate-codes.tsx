import { mfa } from '@gatehouse/contract/identity/second-factors'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { dropBackupCodesLeft } from '../../api/notices.ts'
import { useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { FactorDialog } from './factor-dialog.tsx'
import { shownCodes } from './shown-codes.ts'

export function RegenerateCodes({ onClose }: { onClose: () => void }) {
  const { user } = useSession()
  const { mutateAsync } = useChange(mfa.regenerate)

  function show(backupCodes: readonly string[]): void {
    dropBackupCodesLeft()
    onClose()
    void shownCodes.open({ username: user.username, backupCodes })
  }

  return (
    <FactorDialog
      title={t`Regenerate backup codes`}
      action={t`Regenerate backup codes`}
      prove={(proof) => mutateAsync({ body: proof as { code: string } })}
      onDone={({ backupCodes }) => show(backupCodes)}
      onClose={onClose}
    >
      {(fields) => (
        <>
          <div>
            <Trans>You get ten new codes. The old codes stop working at once.</Trans>
          </div>
          {fields}
        </>
      )}
    </FactorDialog>
  )
}
