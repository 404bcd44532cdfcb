/** The CAs that a listener trusts, searched while typing. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { MultiSelect } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSession } from '../../api/session.ts'
import { authorityChoicesQuery, shortFingerprint } from './authority-choices.ts'
import type { ListenerValues } from './listener-values.ts'
import classes from './listeners.module.css'

const typingPauseMs = 200

interface TrustedAuthoritiesFieldProps {
  form: UseFormReturnType<ListenerValues>
  isReadOnly: boolean
  /** Chosen ones that were deleted or are no longer trusted. */
  missing: readonly string[]
}

export function TrustedAuthoritiesField({ form, isReadOnly, missing }: TrustedAuthoritiesFieldProps) {
  const { can, whyNot } = useSession()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, typingPauseMs)
  const { data } = useQuery({
    ...authorityChoicesQuery(search),
    enabled: can(authorities.list),
    placeholderData: keepPreviousData,
  })
  // What was chosen keeps its name when another search no longer finds it.
  const { data: first } = useQuery({ ...authorityChoicesQuery(), enabled: can(authorities.list) })
  const [seen, setSeen] = useState<ReadonlyMap<string, string>>(new Map())
  const chosen = form.values.trustedAuthorities
  const found = data?.items ?? []
  const names = new Map([...(first?.items ?? []), ...found].map(({ fingerprint, name }) => [fingerprint, name]))

  function labelOf(fingerprint: string): string {
    const name = names.get(fingerprint) ?? seen.get(fingerprint) ?? shortFingerprint(fingerprint)
    return missing.includes(fingerprint) ? t`${name} (no longer trusted)` : name
  }

  function choose(fingerprints: string[]): void {
    setSeen(new Map([...seen, ...names]))
    form.setFieldValue('trustedAuthorities', fingerprints)
  }

  const options = [...new Set([...found.map(({ fingerprint }) => fingerprint), ...chosen])]
  return (
    <MultiSelect
      label={t`Chosen CAs`}
      placeholder={chosen.length === 0 ? t`None: no client certificate is accepted` : ''}
      description={isReadOnly ? undefined : whyNot(authorities.list)}
      data={options.map((value) => ({ value, label: labelOf(value) }))}
      value={chosen}
      onChange={choose}
      error={form.errors['trustedAuthorities']}
      readOnly={isReadOnly}
      searchable={!isReadOnly}
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options: given }) => given}
      nothingFoundMessage={t`No matching CA.`}
      comboboxProps={{ shadow: 'md' }}
      classNames={{ input: classes['list'] ?? '', inputField: classes['typing'] ?? '' }}
    />
  )
}
