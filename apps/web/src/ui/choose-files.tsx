/** Where files come in besides being dropped, and what the field for their text has in common. */
import { t } from '@lingui/core/macro'
import { Button, FileButton, type TextareaProps } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import classes from './choose-files.module.css'

interface ChooseFilesProps {
  /** The beginning of a sentence that the button ends: "Drop a CSV file anywhere, or". */
  invitation: string
  /** One file, of these kinds; otherwise any number of any kind. */
  oneOf?: string
  isPending?: boolean
  onFiles: (files: File[]) => void
}

export function ChooseFiles({ invitation, oneOf, isPending = false, onFiles }: ChooseFilesProps) {
  const take = (files: File[]) => files.length > 0 && onFiles(files)
  return (
    <div className={classes['choose']}>
      <span>{invitation}</span>
      <FileButton
        multiple={oneOf === undefined}
        {...(oneOf !== undefined && { accept: oneOf })}
        onChange={(given) => take([given].flat().filter((file) => file !== null))}
      >
        {(button) => (
          <Button
            variant="default"
            leftSection={<IconFileUpload size={16} aria-hidden />}
            loading={isPending}
            {...button}
          >
            {oneOf === undefined ? t`Choose files` : t`Choose a file`}
          </Button>
        )}
      </FileButton>
    </div>
  )
}

/** PEM, CSV: lines that mean something, and nothing that a dictionary or a password manager should touch. */
export const pastedText = {
  wrap: 'off',
  spellCheck: false,
  autoComplete: 'off',
  classNames: { input: classes['pasted'] ?? '' },
} satisfies TextareaProps
