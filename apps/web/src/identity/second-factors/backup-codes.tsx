/** Ten backup codes, once: to be copied, kept as a file or printed, and closed only when they are saved. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import '../../ui/console-styles.css'
import { Button, Checkbox, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy, IconDownload, IconPrinter } from '@tabler/icons-react'
import { useState } from 'react'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { saveText } from '../../ui/download.ts'
import { useLeaveWarning } from '../../ui/leave-warning.ts'
import type { ModalProps } from '../../ui/modals.tsx'
import { backupCodesFileName, backupCodesText } from './backup-code-words.ts'
import classes from './backup-codes.module.css'
import type { ShownCodes } from './shown-codes.ts'

export function BackupCodes({ question: { username, backupCodes }, settle }: ModalProps<ShownCodes, void>) {
  const [isSaved, setSaved] = useState(false)
  useLeaveWarning()
  return (
    <Dialog
      title={t`Save your backup codes`}
      subtitle={t`Each code works once, instead of a code from the app. They are not shown again.`}
      onClose={null}
      footer={
        <DialogFoot
          note={
            <Checkbox
              label={t`I have saved these codes`}
              checked={isSaved}
              onChange={(event) => setSaved(event.currentTarget.checked)}
            />
          }
        >
          <Button disabled={!isSaved} onClick={() => settle()}>
            <Trans>Done</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <div className={classes['printed']}>
          <p className={classes['heading']}>
            <Trans>Gatehouse backup codes for {username}</Trans>
          </p>
          <ol className={classes['codes']} aria-label={t`Backup codes`}>
            {backupCodes.map((code) => (
              <li key={code}>{code}</li>
            ))}
          </ol>
        </div>
        <Ways text={backupCodesText(username, backupCodes)} fileName={backupCodesFileName(username)} />
      </DialogBody>
    </Dialog>
  )
}

function Ways({ text, fileName }: { text: string; fileName: string }) {
  return (
    <div className={classes['ways']}>
      <CopyButton value={text} timeout={2_000}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            data-autofocus
            leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            onClick={copy}
          >
            {copied ? t`Copied` : t`Copy`}
          </Button>
        )}
      </CopyButton>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
        onClick={() => saveText(text, fileName)}
      >
        <Trans>Download</Trans>
      </Button>
      <Button variant="default" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => print()}>
        <Trans>Print</Trans>
      </Button>
    </div>
  )
}
