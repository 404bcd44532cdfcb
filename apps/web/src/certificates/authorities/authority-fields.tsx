/** The fields of an authority: its name and its allowed usernames. */

import { everything } from '@gatehouse/contract/access/permission'
import { t } from '@lingui/core/macro'
import { TagsInput, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { ReactNode } from 'react'
import { useSession } from '../../api/session.ts'
import { HelpLink, type LoadHelp } from '../../ui/help.tsx'
import classes from './authorities.module.css'

export interface AuthorityValues {
  name: string
  usernames: string[]
}

const aboutLimit = {
  free: t`Usernames. * matches anything: line-3-*. Leave empty to allow any username.`,
  needed: t`Usernames. * matches anything: line-3-*. Required, because only an administrator can allow any username.`,
}

const loadHelp: LoadHelp = () => import('./help.ts').then(({ allowedUsernamesHelp }) => allowedUsernamesHelp)

interface AuthorityFieldsProps {
  form: UseFormReturnType<AuthorityValues>
  /** Below the name: what happens when it is left empty. */
  aboutName?: string
  /** Below the limit, such as what it would end. */
  consequence?: ReactNode
  isReadOnly?: boolean
}

export function AuthorityFields({ form, aboutName, consequence, isReadOnly = false }: AuthorityFieldsProps) {
  const { holds } = useSession()
  const mustLimit = !everything.every(holds)
  return (
    <>
      <TextInput
        label={t`Name`}
        description={aboutName}
        data-autofocus
        readOnly={isReadOnly}
        autoComplete="off"
        {...form.getInputProps('name')}
      />
      <div>
        <TagsInput
          label={t`Allowed usernames`}
          description={
            isReadOnly ? undefined : (
              <>
                {aboutLimit[mustLimit ? 'needed' : 'free']} <HelpLink about={t`Allowed usernames`} load={loadHelp} />
              </>
            )
          }
          placeholder={form.values.usernames.length === 0 ? t`any username` : undefined}
          splitChars={[',', ' ', ';']}
          readOnly={isReadOnly}
          classNames={{ input: classes['globs'] ?? '', pill: classes['glob'] ?? '', inputField: classes['glob'] ?? '' }}
          {...form.getInputProps('usernames')}
          onChange={(globs) => form.setFieldValue('usernames', [...new Set(globs.flatMap(splitGlobs))])}
          error={form.errors['usernames'] ?? wrongGlob(form)}
        />
        {consequence}
      </div>
    </>
  )
}

/** Splits a pasted list. */
function splitGlobs(typed: string): string[] {
  return typed.split(/[\s,;]+/).filter(Boolean)
}

/** The schema and the server name the wrong entry by its index. */
function wrongGlob({ errors, values }: UseFormReturnType<AuthorityValues>): string | undefined {
  const path = Object.keys(errors).find((each) => each.startsWith('usernames.'))
  if (!path) return undefined
  const glob = values.usernames[Number(path.split('.')[1])] ?? ''
  return t`“${glob}” matches no username: letters, digits, . _ - @ : and * only.`
}
