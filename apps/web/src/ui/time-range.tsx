/** Two moments that bound a list; both in the URL. */
import { t } from '@lingui/core/macro'
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useNavigateTo, useParameters, withSearchReset } from './search-links.ts'
import classes from './time-range.module.css'

const lately = [
  { days: 1, label: t`Last 24 hours` },
  { days: 7, label: t`Last 7 days` },
  { days: 30, label: t`Last 30 days` },
] as const

const dayMs = 24 * 60 * 60_000

/** A fixed moment, so that a link or a saved filter goes on to mean the same. */
function lastDays(days: number) {
  return { from: new Date(Date.now() - days * dayMs).toISOString(), until: undefined }
}

/** Sets the parameters `from` and `until`. */
export function TimeRange() {
  const go = useNavigateTo()
  return (
    <div className={classes['range']}>
      <TimeFilter name="from" label={t`From`} />
      <TimeFilter name="until" label={t`Until`} />
      {lately.map(({ days, label }) => (
        <Button key={days} size="compact-sm" variant="subtle" onClick={() => go(withSearchReset(lastDays(days)))}>
          {label}
        </Button>
      ))}
    </div>
  )
}

function TimeFilter({ name, label }: { name: string; label: string }) {
  const { [name]: inUrl } = useParameters()
  const held = inUrl ? toLocal(inUrl) : ''
  const go = useNavigateTo()
  const [typed, setTyped] = useState(held)
  // What this field itself put into the URL; anything else came from outside (a button, Back) and is shown instead.
  const [known, setKnown] = useState(held)
  const isFromOutside = held !== known && typed === known
  const shown = isFromOutside ? held : typed

  /** Not at each key: on the way to 2026 the year is 0002, 0020 and 0202. */
  function send({ validity }: HTMLInputElement): void {
    // A date that is only partly filled in.
    if (validity.badInput || shown === held) return
    setKnown(shown)
    go(withSearchReset({ [name]: fromLocal(shown) }), { replace: true })
  }

  return (
    <TextInput
      type="datetime-local"
      className={classes['time']}
      aria-label={label}
      leftSection={<span className={classes['label']}>{label}</span>}
      leftSectionWidth={52}
      value={shown}
      onChange={(event) => {
        if (isFromOutside) setKnown(held)
        setTyped(event.currentTarget.value)
      }}
      onBlur={(event) => send(event.currentTarget)}
      onKeyDown={(event) => event.key === 'Enter' && send(event.currentTarget)}
    />
  )
}

/** RFC 3339 in UTC, as the field wants it: in the reader's zone, to the minute. */
function toLocal(at: string): string {
  const time = new Date(at)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function fromLocal(typed: string): string | undefined {
  const at = new Date(typed)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
