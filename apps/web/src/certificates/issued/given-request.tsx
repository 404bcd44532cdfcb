/** A certificate request that was made beside its key: pasted, chosen or dropped. Text with a private key is refused. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, FileButton, Textarea } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { IconFileUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { pastedText } from '../../ui/choose-files.tsx'
import { DropAnywhere } from '../../ui/drop-anywhere.tsx'
import { Problem } from '../../ui/problem.tsx'
import { adviceOnGiven } from '../authorities/authority-words.ts'
import { readRequestFile, readRequestText } from './read-request.ts'

export function GivenRequest({ form }: { form: UseFormReturnType<{ csr: string }> }) {
  const [refused, setRefused] = useState<unknown>(null)

  async function take(read: () => string | Promise<string>): Promise<void> {
    try {
      const csr = await read()
      setRefused(null)
      form.setFieldValue('csr', csr)
    } catch (reason) {
      setRefused(reason)
      // Clears the field, because a private key must not stay on the screen.
      form.setFieldValue('csr', '')
    }
  }

  function takeFile(file: File | null | undefined): void {
    if (file) void take(() => readRequestFile(file))
  }

  return (
    <div>
      <DropAnywhere invitation={t`Drop the request`} onFiles={([file]) => takeFile(file)} />
      <Problem error={refused} advice={adviceOnGiven(refused)} />
      <Textarea
        label={t`Request (CSR)`}
        description={t`The output of openssl req -new. Only its key is used. The certificate is issued to the user, whatever name the request contains.`}
        placeholder="-----BEGIN CERTIFICATE REQUEST-----"
        autosize
        minRows={5}
        maxRows={10}
        {...pastedText}
        {...form.getInputProps('csr')}
        onChange={({ currentTarget: { value } }) => void take(() => readRequestText(value, t`the pasted text`))}
      />
      <FileButton onChange={(file) => takeFile(file)}>
        {(button) => (
          <Button size="xs" mt={8} variant="default" leftSection={<IconFileUpload size={14} aria-hidden />} {...button}>
            <Trans>Choose a file</Trans>
          </Button>
        )}
      </FileButton>
    </div>
  )
}
