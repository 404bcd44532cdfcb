/** Certificate and key as one file under a password: how key stores of Windows, macOS and Java take them. Made in the browser. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { generateReadable } from '../../identity/passwords/generate-password.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { fileNameFrom, saveBytes } from '../../ui/download.ts'
import { Problem } from '../../ui/problem.tsx'
import classes from './just-issued.module.css'

export interface PairProps {
  username: string
  /** PEM, with those between it and the root. */
  certificate: string
  privateKey: Uint8Array<ArrayBuffer>
}

/** The password alone protects the key when the file is sent by mail. */
const shortest = 8

export function Pkcs12File({ username, certificate, privateKey }: PairProps) {
  const [password, setPassword] = useState('')
  const [isAsked, ask] = useState(false)
  const problem = problemOf(password)
  const making = useMutation({
    mutationFn: async () => {
      const [{ makePkcs12 }, { openArmour }] = await Promise.all([
        import('@gatehouse/pki/read/pkcs12'),
        import('@gatehouse/pki/make/client-request'),
      ])
      const certificates = openArmour(certificate)
      const file = await makePkcs12({ privateKey, certificates, password, friendlyName: username })
      saveBytes(file, 'application/x-pkcs12', fileNameFrom(username, 'p12'))
    },
    gcTime: 0,
  })

  function download(): void {
    ask(true)
    if (!problem) making.mutate()
  }

  return (
    <section className={classes['way']} aria-label={t`As PKCS#12`}>
      <h3>
        <Trans>As PKCS#12</Trans>
      </h3>
      <div className={classes['note']}>
        <Trans>One file, protected by a password. Share the password separately.</Trans>
      </div>
      <Problem error={making.error} />
      <div className={classes['password']}>
        <TextInput
          label={t`File password`}
          autoComplete="off"
          spellCheck={false}
          value={password}
          error={isAsked && problem}
          rightSection={password !== '' && <CopyButton value={password} label={t`Copy password`} />}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button variant="default" onClick={() => setPassword(generateReadable())}>
          <Trans>Generate</Trans>
        </Button>
      </div>
      <div className={classes['buttons']}>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          loading={making.isPending}
          onClick={download}
        >
          <Trans>PKCS#12 file</Trans>
        </Button>
      </div>
    </section>
  )
}

function problemOf(password: string): string | null {
  if (password.length < shortest) return t`At least ${shortest} characters.`
  return /^[\x20-\x7e]+$/.test(password)
    ? null
    : t`Use only letters without accents, digits and symbols. Tools disagree about other characters.`
}
