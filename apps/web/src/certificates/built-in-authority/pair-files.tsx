/** Takes a certificate and its key from files: dropped on the page, or chosen. */
import { t } from '@lingui/core/macro'
import { useState } from 'react'
import { ChooseFiles, pastedText } from '../../ui/choose-files.tsx'
import { DropAnywhere } from '../../ui/drop-anywhere.tsx'
import { Problem } from '../../ui/problem.tsx'
import { adviceOnGiven } from '../authorities/authority-words.ts'
import { readPairFile } from './pair-file.ts'

interface PairFilesProps {
  /** Called with the text of each file. A file can hold both. */
  onGiven: (...texts: readonly string[]) => void
}

export function PairFiles({ onGiven }: PairFilesProps) {
  const [refused, setRefused] = useState<unknown>(null)

  async function giveFiles(files: readonly File[]): Promise<void> {
    try {
      onGiven(...(await Promise.all(files.map(readPairFile))))
      setRefused(null)
    } catch (reason) {
      setRefused(reason)
    }
  }

  return (
    <>
      <DropAnywhere invitation={t`Drop the certificate and its key.`} onFiles={(files) => void giveFiles(files)} />
      <ChooseFiles
        invitation={t`Drop the certificate and its key, in one or more files, or`}
        onFiles={(files) => void giveFiles(files)}
      />
      <Problem error={refused} advice={adviceOnGiven(refused)} />
    </>
  )
}

/** The properties of a field for pasted PEM. */
export const pemField = { ...pastedText, placeholder: '-----BEGIN …' }
