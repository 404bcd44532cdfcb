import { mfa } from '@gatehouse/contract/identity/second-factors'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { dropBackupCodesLeft } from '../../api/notices.ts'
import { useChange } from '../../api/queries.ts'
import { toast } from '../../ui/toast.tsx'
import { FactorDialog } from './factor-dialog.tsx'

export function DisableMfa({ onClose }: { onClose: () => void }) {
  const { mutateAsync } = useChange(mfa.disable)

  function done(): void {
    dropBackupCodesLeft()
    onClose()
    toast({ message: t`Multi-factor authentication is off. Your password alone grants access.` })
  }

  return (
    <FactorDialog
      title={t`Disable multi-factor authentication`}
      action={t`Disable multi-factor authentication`}
      isDangerous
      takesBackupCode
      prove={(proof) => mutateAsync({ body: proof })}
      onDone={done}
      onClose={onClose}
    >
      {(fields) => (
        <>
          <div>
            <Trans>
              Your password alone will grant access. The entry in your authenticator app and your backup codes stop
              working.
            </Trans>
          </div>
          {fields}
        </>
      )}
    </FactorDialog>
  )
}
