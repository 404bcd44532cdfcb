/** The certificate and the key of a listener, from files or pasted. */

import { t } from '@lingui/core/macro'
import { Textarea } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { isEncrypted, partsOf, takeIn } from '../../certificates/built-in-authority/given-pair.ts'
import { PairFiles, pemField } from '../../certificates/built-in-authority/pair-files.tsx'
import type { ListenerValues } from './listener-values.ts'

interface ServerCertificateFieldsProps {
  form: UseFormReturnType<ListenerValues>
  /** There is one already, which stays if nothing is given. */
  replaces: boolean
}

export function ServerCertificateFields({ form, replaces }: ServerCertificateFieldsProps) {
  const { certificate, key } = form.values.serverCertificate

  /** A file, or what was pasted into either field, may hold both. */
  function give(...texts: readonly string[]): void {
    form.setFieldValue('serverCertificate', (before) => takeIn(before, ...texts))
  }

  function paste(field: 'certificate' | 'key', typed: string): void {
    const found = partsOf(typed)
    if (found.certificate && found.key) give(typed)
    else form.setFieldValue(`serverCertificate.${field}`, typed)
  }

  return (
    <>
      <PairFiles onGiven={give} />
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

const encryptedAdvice = t`This key has a password. Remove it first: openssl pkey -in server.key -out plain.key.`
