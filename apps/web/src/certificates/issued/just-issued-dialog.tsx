/** The certificate that was just issued, and its key, once: to be saved as files, and closed only when it is. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import '../../ui/console-styles.css'
import { Button, Checkbox } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { Machine } from '../../ui/badges.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { fileNameFrom, saveText } from '../../ui/download.ts'
import { useLeaveWarning } from '../../ui/leave-warning.ts'
import type { ModalProps } from '../../ui/modals.tsx'
import type { JustIssued } from './certificate-dialogs.ts'
import { HelmValuesFile } from './helm-values-file.tsx'
import classes from './just-issued.module.css'
import { Pkcs12File } from './pkcs12-file.tsx'

export function JustIssuedDialog({ question, settle }: ModalProps<JustIssued, void>) {
  const { privateKey, ...issued } = question
  return privateKey ? (
    <WithKey {...issued} privateKey={privateKey} onDone={() => settle()} />
  ) : (
    <WithoutKey {...issued} onDone={() => settle()} />
  )
}

interface WithKeyProps extends JustIssued {
  privateKey: Uint8Array<ArrayBuffer>
  onDone: () => void
}

function WithKey({ user: { username }, certificate, privateKey, onDone }: WithKeyProps) {
  const [isSaved, setSaved] = useState(false)
  useLeaveWarning()

  async function saveKey(): Promise<void> {
    const { armour } = await import('@gatehouse/pki/make/client-request')
    saveText(armour('PRIVATE KEY', privateKey), fileNameFrom(username, 'key'))
  }

  return (
    <Dialog
      title={t`Save the certificate and its key`}
      subtitle={
        <Machine>
          <Trans>CN={username}</Trans>
        </Machine>
      }
      onClose={null}
      footer={
        <DialogFoot
          note={
            <Checkbox
              label={t`I have saved the key`}
              checked={isSaved}
              onChange={(event) => setSaved(event.currentTarget.checked)}
            />
          }
        >
          <Button disabled={!isSaved} onClick={onDone}>
            <Trans>Done</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <div>
          <Trans>
            The key was generated in this browser and exists nowhere else. It cannot be recovered after you close this
            dialog.
          </Trans>
        </div>
        <section className={classes['way']} aria-label={t`As PEM`}>
          <h3>
            <Trans>As PEM</Trans>
          </h3>
          <div className={classes['note']}>
            <Trans>Two files, as Mosquitto and most other clients need them. The key is not encrypted.</Trans>
          </div>
          <div className={classes['buttons']}>
            <SaveCertificate username={username} certificate={certificate} />
            <Button
              variant="default"
              leftSection={<IconDownload size={16} aria-hidden />}
              onClick={() => void saveKey()}
            >
              <Trans>Private key</Trans>
            </Button>
          </div>
        </section>
        <Pkcs12File username={username} certificate={certificate} privateKey={privateKey} />
        <HelmValuesFile username={username} certificate={certificate} privateKey={privateKey} />
      </DialogBody>
    </Dialog>
  )
}

function WithoutKey({ user, certificate, onDone }: Omit<WithKeyProps, 'privateKey'>) {
  return (
    <Dialog
      title={t`Certificate issued`}
      subtitle={
        <Machine>
          <Trans>CN={user.username}</Trans>
        </Machine>
      }
      onClose={onDone}
      footer={
        <DialogFoot>
          <Button onClick={onDone}>
            <Trans>Done</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <div>
          <Trans>It belongs to the key that signed the request. You can download it again later.</Trans>
        </div>
        <div className={classes['buttons']}>
          <SaveCertificate username={user.username} certificate={certificate} />
        </div>
      </DialogBody>
    </Dialog>
  )
}

function SaveCertificate({ username, certificate }: { username: string; certificate: string }) {
  return (
    <Button
      variant="default"
      data-autofocus
      leftSection={<IconDownload size={16} aria-hidden />}
      onClick={() => saveText(certificate, fileNameFrom(username, 'crt'))}
    >
      <Trans>Certificate</Trans>
    </Button>
  )
}
