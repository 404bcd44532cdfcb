/** The certificate to revoke: pasted, chosen or dropped, or named by its authority and serial number. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { RevocationReason } from '@gatehouse/contract/certificates/revocations'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, FileButton, Select, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { IconFileUpload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { pastedText } from '../../ui/choose-files.tsx'
import { DropAnywhere } from '../../ui/drop-anywhere.tsx'
import { Problem } from '../../ui/problem.tsx'
import { adviceOnGiven } from '../authorities/authority-words.ts'
import { readFiles } from '../files/given-certificates.ts'
import classes from './revoke-certificate.module.css'

export interface RevokeValues {
  nameBy: 'certificate' | 'number'
  certificate: string
  authority: string
  serialNumber: string
  reason: RevocationReason
  note: string
}

interface CertificateOrNumberProps {
  form: UseFormReturnType<RevokeValues>
}

export function CertificateOrNumber({ form }: CertificateOrNumberProps) {
  return form.values.nameBy === 'certificate' ? <GivenCertificate form={form} /> : <Numbered form={form} />
}

function GivenCertificate({ form }: CertificateOrNumberProps) {
  const [refusal, setRefusal] = useState<unknown>(null)

  async function take(files: readonly File[]): Promise<void> {
    try {
      setRefusal(null)
      if (files.length > 0) form.setFieldValue('certificate', (await readFiles(files)).text)
    } catch (reason) {
      setRefusal(reason)
    }
  }

  return (
    <div>
      <DropAnywhere invitation={t`Drop the certificate to revoke`} onFiles={(files) => void take(files)} />
      <Textarea
        label={t`Certificate`}
        description={t`PEM. If an intermediate signed it, add the intermediate below it.`}
        placeholder="-----BEGIN CERTIFICATE-----"
        data-autofocus
        autosize
        minRows={5}
        maxRows={10}
        {...pastedText}
        {...form.getInputProps('certificate')}
      />
      <div className={classes['files']}>
        <FileButton onChange={(file) => void take(file ? [file] : [])}>
          {(button) => (
            <Button size="xs" variant="default" leftSection={<IconFileUpload size={14} aria-hidden />} {...button}>
              <Trans>Choose a file</Trans>
            </Button>
          )}
        </FileButton>
        <span>
          <Trans>or drop it anywhere</Trans>
        </span>
      </div>
      <Problem error={refusal} advice={adviceOnGiven(refusal)} />
    </div>
  )
}

/** As many as a list gives at once; others are found by their certificate. */
const authorityChoices = queryFor(authorities.list, { search: { sort: 'name', limit: 200 } })

function Numbered({ form }: CertificateOrNumberProps) {
  const { can, whyNot } = useSession()
  const { data } = useQuery({ ...authorityChoices, enabled: can(authorities.list) })
  return (
    <>
      <Select
        label={t`CA`}
        description={whyNot(authorities.list)}
        placeholder={t`Issuing CA`}
        data={(data?.items ?? []).map(({ fingerprint, name }) => ({ value: fingerprint, label: name }))}
        searchable
        nothingFoundMessage={t`No matching CA.`}
        comboboxProps={{ shadow: 'md' }}
        {...form.getInputProps('authority')}
        value={form.values.authority || null}
        onChange={(fingerprint) => form.setFieldValue('authority', fingerprint ?? '')}
      />
      <TextInput
        label={t`Serial number`}
        description={t`Hexadecimal, as openssl x509 -serial prints it, with or without colons.`}
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('serialNumber')}
      />
    </>
  )
}
