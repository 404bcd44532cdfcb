/** The bar above a list: search as one types, filters, and how many there are. All of it lives in the URL. */

import { t } from '@lingui/core/macro'
import { Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { type ReactNode, useDeferredValue, useState } from 'react'
import classes from './filters.module.css'
import { useNavigateTo, useParameters, withSearchReset } from './search-links.ts'

interface FiltersProps {
  /** Null means more than were counted. */
  total: number | null
  /** The total with its noun, such as `12 users`. */
  of: (total: number) => string
  /** What stands for `null`. */
  uncounted?: string
  children: ReactNode
}

export function Filters({ total, of, uncounted = t`10,000+`, children }: FiltersProps) {
  return (
    <div className={classes['filters']}>
      {children}
      <output className={classes['total']}>{total === null ? uncounted : of(total)}</output>
    </div>
  )
}

/** Three or more, which on a phone share one row that is pushed sideways; what is chosen comes first. */
export function Choices({ children }: { children: ReactNode }) {
  return <div className={classes['choices']}>{children}</div>
}

const typingPauseMs = 200

export function SearchFilter({ label }: { label: string }) {
  return <TextFilter name="search" label={label} />
}

interface TextFilterProps {
  /** The parameter of the URL. */
  name: string
  label: string
  placeholder?: string
  /** What is wrong with what was typed so far; it is then not sent. */
  check?: (typed: string) => string | undefined
  /** Topics and paths. */
  isMachine?: boolean
}

export function TextFilter({ name, label, placeholder = label, check, isMachine = false }: TextFilterProps) {
  const { [name]: held = '' } = useParameters()
  const go = useNavigateTo()
  const [typed, setTyped] = useState(held)
  // What this field itself put into the URL; anything else came from outside (Back, a link) and is shown instead.
  const [known, setKnown] = useState(held)
  const isFromOutside = held !== known && typed === known
  const shown = isFromOutside ? held : typed
  const error = shown === '' ? undefined : check?.(shown)
  const send = useDebouncedCallback((value: string) => {
    setKnown(value)
    go(withSearchReset({ [name]: value || undefined }), { replace: true })
  }, typingPauseMs)

  return (
    <TextInput
      type="search"
      className={classes['search']}
      classNames={{ input: (isMachine && classes['machine']) || '' }}
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} aria-hidden />}
      autoComplete="off"
      spellCheck={false}
      error={error}
      value={shown}
      onChange={({ currentTarget: { value } }) => {
        if (isFromOutside) setKnown(held)
        setTyped(value)
        if (value === '' || !check?.(value)) send(value)
      }}
    />
  )
}

/**
 * Renders a filter after the page: five of them cost half as much as the table with all its rows. Until then a
 * placeholder of the same size takes its place.
 */
export function AfterPage({ label, children }: { label: string; children: ReactNode }) {
  const isPageDrawn = useDeferredValue(true, false)
  if (isPageDrawn) return children
  return (
    <div className={`${classes['choice']} ${classes['choiceToCome']}`} aria-hidden>
      {label}
    </div>
  )
}

export interface ChoiceFilterProps {
  /** The parameter of the URL. */
  name: string
  label: string
  options: readonly { value: string; label: string }[]
  /** What the list is filtered by when nothing is chosen. Shown as chosen, because a hidden filter looks like missing entries. */
  fallback?: string
}

/** More than these are searched. */
const fewOptions = 8

export function ChoiceFilter({ name, label, options, fallback }: ChoiceFilterProps) {
  const { [name]: value = fallback ?? null } = useParameters()
  const go = useNavigateTo()
  return (
    <AfterPage label={label}>
      <Select
        className={classes['choice']}
        aria-label={label}
        placeholder={label}
        data={[...options]}
        value={value}
        clearable={fallback === undefined}
        allowDeselect={fallback === undefined}
        searchable={options.length > fewOptions}
        onChange={(chosen) => go(withSearchReset({ [name]: chosen === fallback ? undefined : (chosen ?? undefined) }))}
      />
    </AfterPage>
  )
}
