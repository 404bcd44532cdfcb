/** Connecting an authenticator app: scan or type the secret, then enter one code. Nothing is enabled before that. */

import { mfa } from '@gatehouse/contract/identity/second-factors'
import type { Answer } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useChange } from '../../api/queries.ts'
import { Machine } from '../../ui/badges.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { QrCode } from '../../ui/qr-code.tsx'
import classes from './enrolment.module.css'
import { labelOf } from './enrolment-label.ts'
import { FactorDialog } from './factor-dialog.tsx'

export type Enrolment = Answer<typeof mfa.enrol>

/** Not "wait for the next code": if the app has another entry or a wrong clock, every code is wrong. */
const wrongCodeAdvice = t`Use the code of the entry that you created with this QR code, and delete older entries of this account. Check that your phone sets its time automatically.`

interface EnrolDialogProps {
  enrolment: Enrolment
  onDone: (backupCodes: readonly string[]) => void
  onClose: () => void
}

export function EnrolDialog({ enrolment: { otpauthUri, secret }, onDone, onClose }: EnrolDialogProps) {
  // The session is not among them: it goes on to its next stage when the codes are saved.
  const { mutateAsync } = useChange(mfa.verify)
  const label = labelOf(otpauthUri)
  return (
    <FactorDialog
      title={t`Enable multi-factor authentication`}
      subtitle={t`Step 1 of 2: connect your authenticator app`}
      width="wide"
      label={t`Enter the 6-digit code`}
      action={t`Enable multi-factor authentication`}
      wrongCodeAdvice={wrongCodeAdvice}
      prove={(proof) => mutateAsync({ body: proof as { code: string } })}
      onDone={({ backupCodes }) => onDone(backupCodes)}
      onClose={onClose}
    >
      {(fields) => (
        <div className={classes['columns']}>
          <QrCode text={otpauthUri} label={t`QR code for your authenticator app: ${label}`} />
          <div className={classes['steps']}>
            <div>
              <Trans>
                Scan the QR code with an authenticator app, <a href={otpauthUri}>open it in an app on this device</a>,
                or enter the secret key there. The entry is called <Machine>{label}</Machine>.
              </Trans>
            </div>
            <div className={classes['secret']}>
              <code aria-label={t`Secret key`}>{inFours(secret)}</code>
              <CopyButton value={secret} label={t`Copy secret key`} />
            </div>
            {fields}
          </div>
        </div>
      )}
    </FactorDialog>
  )
}

function inFours(secret: string): string {
  return secret.replace(/.{4}(?=.)/g, '$& ')
}
