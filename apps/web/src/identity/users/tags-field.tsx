/** The tags of a user, or those to add to many: the tags in use are offered while typing. */

import { maxTagLength, maxTagsPerUser, normaliseTag, Tag } from '@gatehouse/contract/identity/tags'
import { users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { TagsInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useSession } from '../../api/session.ts'
import { describeField } from '../../ui/field-words.ts'
import { foundTagsQuery } from './found-tags.ts'

interface TagsFieldProps {
  label?: string
  value: string[]
  onChange: (tags: string[]) => void
  /** Of the form, such as what the server refused. */
  error?: ReactNode
  isDisabled?: boolean
}

export function TagsField({ label = t`Tags`, value, onChange, error, isDisabled = false }: TagsFieldProps) {
  const { can } = useSession()
  const { data: found } = useQuery({ ...foundTagsQuery(), enabled: can(users.tags) })
  return (
    <TagsInput
      label={label}
      placeholder={value.length === 0 ? t`hall-3, pilot` : ''}
      data={found?.items.map(({ tag }) => tag) ?? []}
      value={value}
      disabled={isDisabled}
      maxTags={maxTagsPerUser}
      splitChars={[',', ';', '|']}
      acceptValueOnBlur
      maxLength={maxTagLength}
      error={error ?? wrongAmong(value)}
      onChange={(tags) => onChange([...new Set(tags.map(normaliseTag))])}
    />
  )
}

/** What is wrong with the first wrong tag. */
function wrongAmong(tags: readonly string[]): string | undefined {
  const issue = tags.map((tag) => Tag.safeParse(tag).error?.issues[0]).find((found) => found !== undefined)
  return issue && describeField(issue.message)
}
