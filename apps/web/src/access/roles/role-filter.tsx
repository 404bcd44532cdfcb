/** A filter by role, found while typing, however many there are. */

import { roles } from '@gatehouse/contract/access/roles'
import { t } from '@lingui/core/macro'
import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { queryFor } from '../../api/queries.ts'
import classes from '../../ui/filters.module.css'
import { AfterPage } from '../../ui/filters.tsx'
import { useNavigateTo, useParameters, withSearchReset } from '../../ui/search-links.ts'
import { foundRolesQuery } from './found-roles.ts'

const typingPauseMs = 200

export function RoleFilter() {
  return (
    <AfterPage label={t`Role`}>
      <RoleChoice />
    </AfterPage>
  )
}

function RoleChoice() {
  const { role = null } = useParameters()
  const go = useNavigateTo()
  const [typed, setTyped] = useState('')
  const chosen = useChosenRole(role)
  // What stands in the field when one is chosen is its name, not a search.
  const [search] = useDebouncedValue(typed === chosen?.name ? '' : typed, typingPauseMs)
  const { data: found, isPlaceholderData } = useQuery({ ...foundRolesQuery(search), placeholderData: keepPreviousData })
  const others = (found?.items ?? []).filter(({ id }) => id !== role)
  return (
    <Select
      className={classes['choice']}
      aria-label={t`Role`}
      placeholder={t`Role`}
      data={[...(chosen ? [chosen] : []), ...others].map(({ id, name }) => ({ value: id, label: name }))}
      value={chosen ? role : null}
      clearable
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // Once more when the server has answered.
      selectFirstOptionOnChange={!isPlaceholderData}
      nothingFoundMessage={t`No matching role.`}
      onChange={(id) => go(withSearchReset({ role: id ?? undefined }))}
    />
  )
}

/** One that no search has found may stand in the URL all the same. */
function useChosenRole(id: string | null) {
  const { data } = useQuery({ ...queryFor(roles.view, { params: { id: id ?? '' } }), enabled: id !== null })
  return id === null ? undefined : data
}
