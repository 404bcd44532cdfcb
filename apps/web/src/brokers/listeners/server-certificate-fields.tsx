/** The certificate and the key of a listener, from files or pasted. */

import { t } from '@lingui/core/macro'
import { Textarea } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useState } from 'react'
import { adviceOnGiven } from '../../certificates/authorities/authority-words.ts'
import { isEncrypted, partsOf, takeIn } from '../../certificates/built-in-authority/given-pair.ts'
import { readPairFile } from '../../certificates/built-in-authority/pair-file.ts'
import { ChooseFiles, pastedText } from '../../ui/choose-files.tsx'
import { DropAnywhere } from '../../ui/drop-anywhere.tsx'
import { Problem } from '../../ui/problem.tsx'
import type { ListenerValues } from './listener-values.ts'

interface ServerCertificateFieldsProps {
  form: UseFormReturnType<ListenerValues>
  /** There is one already, which stays if nothing is given. */
  replaces: boolean
}

export function ServerCertificateFields({ form, replaces }: ServerCertificateFieldsProps) {
  const [refused, setRefused] = useState<unknown>(null)
  const { certificate, key } = form.values.serverCertificate

  /** A file, or what was pasted into either field, may hold both. */
  function give(...texts: readonly string[]): void {
    form.setFieldValue('serverCertificate', (before) => takeIn(before, ...texts))
  }

  async function giveFiles(files: readonly File[]): Promise<void> {
    try {
      give(...(await Promise.all(files.map(readPairFile))))
      setRefused(null)
    } catch (reason) {
      setRefused(reason)
    }
  }

  function paste(field: 'certificate' | 'key', typed: string): void {
    const found = partsOf(typed)
    if (found.certificate && found.key) give(typed)
    else form.setFieldValue(`serverCertificate.${field}`, typed)
  }

  return (
    <>
      <DropAnywhere invitation={t`Drop the certificate and its key.`} onFiles={(files) => void giveFiles(files)} />
      <ChooseFiles
        invitation={t`Drop the certificate and its key, in one or more files, or`}
        onFiles={(files) => void giveFiles(files)}
      />
      <Problem error={refused} advice={adviceOnGiven(refused)} />
      <Textarea
        label={replaces ? t`New certificate` : t`Certificate`}
        description={
          replaces
            ? t`PEM, followed by its issuers without the root. Leave both fields empty to keep the present one.`
            : t`PEM, followed by its issuers without the root.`
        }
        rows={4}
        {...pemField}
        {...form.getInputProps('serverCertificate.certificate')}
        value={certificate}
        onChange={(event) => paste('certificate', event.currentTarget.value)}
      />
      <Textarea
        label={t`Private key`}
        description={t`PEM, without a password. It is stored encrypted and never shown again.`}
        rows={4}
        {...pemField}
        {...form.getInputProps('serverCertificate.key')}
        value={key}
        error={form.errors['serverCertificate.key'] ?? (isEncrypted(key) ? encryptedAdvice : undefined)}
        onChange={(event) => paste('key', event.currentTarget.value)}
      />
    </>
  )
}

const pemField = { ...pastedText, placeholder: '-----BEGIN …' }
const encryptedAdvice = t`This key has a password. Remove it first: openssl pkey -in server.key -out plain.key.`
