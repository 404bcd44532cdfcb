/** A filter by tag, found while typing. */

import { normaliseTag } from '@gatehouse/contract/identity/tags'
import { t } from '@lingui/core/macro'
import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import classes from '../../ui/filters.module.css'
import { AfterPage } from '../../ui/filters.tsx'
import { useNavigateTo, useParameters, withSearchReset } from '../../ui/search-links.ts'
import { foundTagsQuery } from './found-tags.ts'

const typingPauseMs = 200

export function TagFilter() {
  return (
    <AfterPage label={t`Tag`}>
      <TagChoice />
    </AfterPage>
  )
}

function TagChoice() {
  const { tag: chosen = null } = useParameters()
  const go = useNavigateTo()
  const [typed, setTyped] = useState('')
  const [beginning] = useDebouncedValue(typed === chosen ? '' : typed, typingPauseMs)
  const { data: found, isPlaceholderData } = useQuery({
    ...foundTagsQuery(normaliseTag(beginning)),
    placeholderData: keepPreviousData,
  })
  const others = (found?.items ?? []).map(({ tag }) => tag).filter((tag) => tag !== chosen)
  return (
    <Select
      className={classes['choice']}
      aria-label={t`Tag`}
      placeholder={t`Tag`}
      data={[...(chosen === null ? [] : [chosen]), ...others]}
      value={chosen}
      clearable
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // Once more when the server has answered.
      selectFirstOptionOnChange={!isPlaceholderData}
      nothingFoundMessage={t`No tag begins with this.`}
      onChange={(tag) => go(withSearchReset({ tag: tag ?? undefined }))}
    />
  )
}
