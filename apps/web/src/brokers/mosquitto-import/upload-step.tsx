import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, FileButton } from '@mantine/core'
import { IconFolder } from '@tabler/icons-react'
import { ChooseFiles } from '../../ui/choose-files.tsx'
import { DropAnywhere } from '../../ui/drop-anywhere.tsx'
import { Problem } from '../../ui/problem.tsx'
import { filesChosen, filesOf, type Given, UnreadableFiles } from './given-files.ts'
import classes from './mosquitto-import.module.css'

interface UploadStepProps {
  reading: { mutate: (given: Given[]) => void; isPending: boolean; error: unknown }
  whyNot: string | undefined
}

/** React has no type for the second one. */
const wholeFolder = { multiple: true, webkitdirectory: '' }

export function UploadStep({ reading, whyNot }: UploadStepProps) {
  const { error, isPending, mutate } = reading
  if (whyNot) return <p>{whyNot}</p>
  const give = (given: Given[]) => given.length > 0 && mutate(given)
  return (
    <div className={classes['step']}>
      <div className={classes['choices']}>
        <ChooseFiles
          invitation={t`Drop the folder of Mosquitto anywhere, or`}
          isPending={isPending}
          onFiles={(files) => give(filesChosen(files))}
        />
        <FileButton multiple inputProps={wholeFolder} onChange={(files) => give(filesChosen(files))}>
          {(button) => (
            <Button
              variant="default"
              leftSection={<IconFolder size={16} aria-hidden />}
              loading={isPending}
              {...button}
            >
              <Trans>Choose a folder</Trans>
            </Button>
          )}
        </FileButton>
      </div>
      {error instanceof UnreadableFiles ? (
        <p role="alert" className={classes['lost']}>
          {error.message}
        </p>
      ) : (
        <Problem error={error} />
      )}
      <section aria-labelledby="files" className={classes['files']}>
        <h2 id="files">
          <Trans>What is read</Trans>
        </h2>
        <p>
          <Trans>
            <code>mosquitto.conf</code>, <code>password_file</code>, <code>acl_file</code>,{' '}
            <code>dynamic-security.json</code>, CA certificates and CRLs. Users sign in with their old passwords.
            Private keys are not sent to the server.
          </Trans>
        </p>
      </section>
      <DropAnywhere
        invitation={t`Drop to preview. Nothing is imported yet.`}
        onTransfer={(transfer) => void filesOf(transfer).then(give)}
      />
    </div>
  )
}
