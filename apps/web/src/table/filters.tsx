/** The bar above a list: search as one types, filters, and how many there are. All of it lives in the URL. */
import { Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import classes from './filters.module.css'
import { hereFromStart, useGo, useParameters } from './here.ts'

/** `total`: null means more than were counted. */
export function Filters({ total, of, children }: { total: number | null; of: string; children: ReactNode }) {
  return (
    <div className={classes['filters']}>
      {children}
      <output className={classes['total']}>
        {total === null ? '10,000+' : total.toLocaleString('en')} {of}
      </output>
    </div>
  )
}

const typingPauseMs = 200

export function SearchFilter({ label }: { label: string }) {
  const { search = '' } = useParameters()
  const go = useGo()
  const [typed, setTyped] = useState(search)
  // What this field itself put into the URL; anything else came from outside (Back, a link) and is taken over.
  const [known, setKnown] = useState(search)
  const send = useDebouncedCallback((value: string) => {
    setKnown(value)
    go(hereFromStart({ search: value || undefined }), { replace: true })
  }, typingPauseMs)

  if (search !== known && typed === known) {
    setKnown(search)
    setTyped(search)
  }

  return (
    <TextInput
      type="search"
      className={classes['search']}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        send(event.currentTarget.value)
      }}
    />
  )
}

export interface ChoiceFilterProps {
  /** The parameter of the URL. */
  name: string
  label: string
  options: readonly { value: string; label: string }[]
}

/** More than these are searched. */
const fewOptions = 8

export function ChoiceFilter({ name, label, options }: ChoiceFilterProps) {
  const { [name]: value = null } = useParameters()
  const go = useGo()
  return (
    <Select
      className={classes['choice']}
      aria-label={label}
      placeholder={label}
      data={[...options]}
      value={value}
      clearable
      searchable={options.length > fewOptions}
      onChange={(chosen) => go(hereFromStart({ [name]: chosen ?? undefined }))}
    />
  )
}
