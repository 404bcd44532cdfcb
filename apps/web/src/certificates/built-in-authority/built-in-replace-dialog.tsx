/** Replaces the built-in authority by a company's own one. Its key is sent once and never shown again. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import { type BuiltInAuthority, builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import type { Answer } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { PasswordInput, Textarea } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { remarksOn } from '../authorities/authority-words.ts'
import classes from './built-in.module.css'
import { consequencesOf, replacedWords } from './built-in-words.ts'
import { isEncrypted, lowestOf, partsOf, takeIn } from './given-pair.ts'
import { PairFiles, pemField } from './pair-files.tsx'

interface Values {
  certificate: string
  key: string
  password: string
}

const blank: Values = { certificate: '', key: '', password: '' }

export function BuiltInReplace({ present }: { present: BuiltInAuthority }) {
  const go = useNavigateTo()
  const replace = useRouteForm(builtInAuthority.replace, {
    initialValues: blank,
    toInput: ({ certificate, key, password }) => ({
      body: { certificate, key, replaces: present.authority.fingerprint, ...(isEncrypted(key) && { password }) },
    }),
    onDone: (answer: Answer<typeof builtInAuthority.replace>) => toast({ message: replacedWords(answer) }),
    onClose: () => go(withSearch({ replace: undefined })),
  })
  return (
    <FormDialog title={t`Use your own CA`} of={replace} submit={t`Replace`}>
      {(form) => <Fields form={form} present={present} />}
    </FormDialog>
  )
}

const typingPauseMs = 400

function Fields({ form, present }: { form: UseFormReturnType<Values>; present: BuiltInAuthority }) {
  const [certificate] = useDebouncedValue(partsOf(form.values.certificate).certificate, typingPauseMs)

  /** A file, or what was pasted into either field, may hold both. */
  function give(...texts: readonly string[]): void {
    form.setValues((before) => takeIn({ certificate: before.certificate ?? '', key: before.key ?? '' }, ...texts))
  }

  function paste(field: 'certificate' | 'key', typed: string): void {
    const { certificate: found, key } = partsOf(typed)
    if (found && key) give(typed)
    else form.setFieldValue(field, typed)
  }

  return (
    <>
      <PairFiles onGiven={give} />
      <Textarea
        label={t`Certificate of the CA`}
        description={t`PEM. If it is not a root, include its issuers up to the root. Clients need the root.`}
        data-autofocus
        rows={5}
        {...pemField}
        {...form.getInputProps('certificate')}
        onChange={(event) => paste('certificate', event.currentTarget.value)}
      />
      <Textarea
        label={t`Private key`}
        description={t`PEM. The server stores it in its data folder, readable only for itself.`}
        rows={5}
        {...pemField}
        {...form.getInputProps('key')}
        onChange={(event) => paste('key', event.currentTarget.value)}
      />
      {isEncrypted(form.values.key) && (
        <PasswordInput
          label={t`Key password`}
          description={t`Used once to decrypt the key.`}
          autoComplete="off"
          {...form.getInputProps('password')}
        />
      )}
      {certificate && <WhatChanges certificate={certificate} present={present} />}
    </>
  )
}

/** The inspected certificate and the consequences of the replacement. The key is not sent for this. */
function WhatChanges({ certificate, present }: { certificate: string; present: BuiltInAuthority }) {
  const { data } = useQuery({
    ...queryFor(authorities.inspect, { body: { certificates: certificate } }),
    placeholderData: (previous) => previous,
    retry: false,
    gcTime: 0,
  })
  const own = lowestOf(data?.certificates ?? [])
  if (!own) return null
  const remarks = remarksOn(own).filter(({ weight }) => weight !== 'note')
  return (
    <output className={classes['what']}>
      <strong>{own.subject}</strong>
      <ul className={classes['consequences']}>
        {remarks.map(({ label, sentence }) => (
          <li key={label} className={classes['remark']}>
            {sentence}
          </li>
        ))}
        {own.problems.length === 0 &&
          consequencesOf(present, { isRoot: own.selfSigned }).map((sentence) => <li key={sentence}>{sentence}</li>)}
      </ul>
    </output>
  )
}
