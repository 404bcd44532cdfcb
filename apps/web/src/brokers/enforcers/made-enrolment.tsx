/** The token of an agent, once, and the command that takes it. */

import type { EnrolmentMade } from '@gatehouse/contract/brokers/enforcers'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { CommandLine } from '../../ui/command-line.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { useLeaveWarning } from '../../ui/leave-warning.ts'
import type { ModalProps } from '../../ui/modals.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'

export interface Enrolment extends Pick<EnrolmentMade, 'command' | 'expiresAt'> {
  /** Of the broker. */
  name: string
  /** The broker has an agent already. */
  replaces: boolean
}

export function MadeEnrolment({ question, settle }: ModalProps<Enrolment, void>) {
  const { name, command, expiresAt, replaces } = question
  useLeaveWarning()
  return (
    <Dialog
      title={t`Enrol an agent`}
      subtitle={name}
      width="wide"
      onClose={null}
      footer={
        <DialogFoot note={t`Gatehouse stores only the hash of the token and cannot show it again.`}>
          <Button onClick={() => settle()}>
            <Trans>Done</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <p>
          <Trans>
            Run this in the folder of Gatehouse on the machine of the broker. The token works once and expires{' '}
            <RelativeTime at={expiresAt} />.
          </Trans>
        </p>
        <CommandLine label={t`Enrol`} line={command} />
        <CommandLine label={t`Then start the agent`} line="npm start -- agent" />
        <p>
          <Trans>
            The agent makes its own key, which never leaves that machine. Its settings name the folder of the CA
            certificates, the process of Mosquitto and the account of the control listener.
          </Trans>
        </p>
        {replaces && (
          <p>
            <Trans>When the new agent has enrolled, the certificate of the present one is refused.</Trans>
          </p>
        )}
      </DialogBody>
    </Dialog>
  )
}
