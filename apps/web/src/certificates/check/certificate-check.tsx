/** Checks a pasted or dropped certificate as the broker would judge it now. */

import { certificates } from '@gatehouse/contract/certificates/check'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, FileButton, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconFileUpload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isRefusal } from '../../api/client.ts'
import { queryFor } from '../../api/queries.ts'
import { pastedText } from '../../ui/choose-files.tsx'
import { useDraft } from '../../ui/drafts.ts'
import { DropAnywhere } from '../../ui/drop-anywhere.tsx'
import { Problem } from '../../ui/problem.tsx'
import { adviceOnGiven } from '../authorities/authority-words.ts'
import { readFiles, readTyped } from '../files/given-certificates.ts'
import classes from './certificate-check.module.css'
import { CheckResult } from './check-result.tsx'

const typingPauseMs = 300

interface CertificateCheckProps {
  /** Whose it should be; it is said when it is another's. */
  username?: string
}

export function CertificateCheck({ username = '' }: CertificateCheckProps) {
  // Kept while the person fixes the cause on another page.
  const [text, keep] = useDraft(t`certificate to check ${username}`)
  const [refusal, setRefusal] = useState<unknown>(null)
  // Undefined: the first that asks for certificates.
  const [listener, setListener] = useState<string>()
  const [settled] = useDebouncedValue(text, typingPauseMs)
  const { data, error } = useQuery({
    ...queryFor(certificates.check, { body: { certificates: settled, listener } }),
    enabled: settled !== '' && settled === text,
    staleTime: 0,
    retry: false,
    placeholderData: (previous) => previous,
  })

  function take(given: string): void {
    keep(given)
    setRefusal(null)
  }

  function refuse(reason: unknown, given: string): void {
    setRefusal(reason)
    // Whatever it was that should not be here is not left standing on the screen.
    keep(isRefusal(reason, 'private_key') || isRefusal(reason, 'key_store') ? '' : given)
  }

  function type(typed: string): void {
    try {
      if (typed.trim() !== '') readTyped(typed)
      take(typed)
    } catch (reason) {
      refuse(reason, typed)
    }
  }

  async function takeFiles(files: readonly File[]): Promise<void> {
    try {
      if (files.length > 0) take((await readFiles(files)).text)
    } catch (reason) {
      refuse(reason, '')
    }
  }

  const problem = refusal ?? error
  const isGiven = text.trim() !== ''
  return (
    <div className={classes['check']}>
      <DropAnywhere invitation={t`Drop the certificate to check it`} onFiles={(files) => void takeFiles(files)} />
      <div>
        <Textarea
          label={t`Certificate to check`}
          placeholder="-----BEGIN CERTIFICATE-----"
          autosize
          minRows={8}
          maxRows={18}
          {...pastedText}
          value={text}
          onChange={(event) => type(event.currentTarget.value)}
        />
        <div className={classes['files']}>
          <FileButton multiple onChange={(files) => void takeFiles(files)}>
            {(button) => (
              <Button variant="default" leftSection={<IconFileUpload size={16} aria-hidden />} {...button}>
                <Trans>Choose files</Trans>
              </Button>
            )}
          </FileButton>
          <span>
            <Trans>The client’s certificate first, then the intermediates that it sends.</Trans>
          </span>
        </div>
      </div>
      <div>
        <Problem error={problem} advice={adviceOnGiven(problem)} />
        {data && isGiven && !problem && (
          <>
            {username !== '' && data.username !== username && (
              <p className={classes['another']}>
                {data.username
                  ? t`This is not a certificate of ${username}. Its Common Name is ${data.username}.`
                  : t`This is not a certificate of ${username}. Its Common Name is not a username.`}
              </p>
            )}
            <CheckResult result={data} onChooseListener={setListener} />
          </>
        )}
      </div>
    </div>
  )
}
