import { mfa } from '@gatehouse/contract/identity/second-factors'
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
      title="Regenerate Backup Codes"
      action="Regenerate Backup Codes"
      prove={(proof) => mutateAsync({ body: proof as { code: string } })}
      onDone={({ backupCodes }) => show(backupCodes)}
      onClose={onClose}
    >
      {(fields) => (
        <>
          <div>You get ten new codes. The old ones stop working at once, wherever you keep them.</div>
          {fields}
        </>
      )}
    </FactorDialog>
  )
}
