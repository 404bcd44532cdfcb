/** The secret of a new token, once, and the line that tries it. */

import type { TokenMade } from '@gatehouse/contract/identity/tokens'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSession } from '../../api/session.ts'
import { CommandLine } from '../../ui/command-line.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { useLeaveWarning } from '../../ui/leave-warning.ts'
import type { ModalProps } from '../../ui/modals.tsx'
import { curlLine } from './token-words.ts'
import classes from './tokens.module.css'

export function MadeToken({ question: made, settle }: ModalProps<TokenMade, void>) {
  const { permissions } = useSession()
  useLeaveWarning()
  return (
    <Dialog
      title={t`Save your token`}
      subtitle={made.label}
      width="wide"
      onClose={null}
      footer={
        <DialogFoot note={t`Gatehouse stores only its hash and cannot show it again.`}>
          <Button onClick={() => settle()}>
            <Trans>Done</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <CommandLine label={t`Token`} line={made.token} />
        <CommandLine
          label={t`Test`}
          line={curlLine({ token: made.token, permissions: made.permissions ?? permissions }, location.origin)}
        />
        {location.protocol === 'https:' && (
          <div className={classes['note']}>
            <Trans>
              If curl does not trust this server, add <code>--cacert</code>{' '}
              <a href="/api/authorities/built-in.pem" download="authority.crt">
                authority.crt
              </a>
              .
            </Trans>
          </div>
        )}
        <div className={classes['note']}>
          <Trans>
            Store it where the script reads its secrets, not in its source. Send it to the API as{' '}
            <code>Authorization: Bearer</code>. It does not sign in to the broker.
          </Trans>
        </div>
      </DialogBody>
    </Dialog>
  )
}
