/** By whom, what, to what and when; all of it in the URL. */
import { type AuditEvent, auditActions, auditTargets } from '@gatehouse/contract/operations/audit'
import type { Page } from '@gatehouse/contract/paging'
import { TextInput } from '@mantine/core'
import { ActiveFilter } from '../../ui/active-filter.tsx'
import { ChoiceFilter, Choices, Filters, SearchFilter } from '../../ui/filters.tsx'
import { useNavigateTo, useParameters, withSearchReset } from '../../ui/search-links.ts'
import classes from './audit.module.css'
import { auditActionWords, auditTargetWords } from './audit-words.ts'

const actions = auditActions.map((value) => ({ value, label: auditActionWords[value] }))
const targetTypes = auditTargets.map((value) => ({ value, label: auditTargetWords[value] }))

export function AuditFilters({ data }: { data: Page<AuditEvent> }) {
  return (
    <>
      <Filters total={data.total} of={data.total === 1 ? 'event' : 'events'}>
        <SearchFilter label="Search who, target, address" />
        <Choices>
          <ChoiceFilter name="actor" label="Who" options={useActors(data.items)} />
          <ChoiceFilter name="action" label="Action" options={actions} />
          <ChoiceFilter name="targetType" label="Target" options={targetTypes} />
        </Choices>
      </Filters>
      <div className={classes['range']}>
        <TimeFilter name="from" label="From" />
        <TimeFilter name="until" label="Until" />
      </div>
      <OneTarget items={data.items} />
    </>
  )
}

/** The actors on this page and the chosen one; the search finds others. */
function useActors(items: readonly AuditEvent[]) {
  const { actor } = useParameters()
  const names = items.map((event) => event.actor?.username).concat(actor)
  return [...new Set(names)]
    .filter((name) => name !== undefined)
    .toSorted()
    .map((name) => ({ value: name, label: name }))
}

function TimeFilter({ name, label }: { name: string; label: string }) {
  const { [name]: value } = useParameters()
  const go = useNavigateTo()
  return (
    <TextInput
      type="datetime-local"
      className={classes['time']}
      aria-label={label}
      leftSection={<span className={classes['aside']}>{label}</span>}
      leftSectionWidth={52}
      value={value ? toLocal(value) : ''}
      onChange={(event) => go(withSearchReset({ [name]: fromLocal(event.currentTarget.value) }), { replace: true })}
    />
  )
}

/** The list shows the history of one target only. */
function OneTarget({ items }: { items: readonly AuditEvent[] }) {
  const { target } = useParameters()
  if (!target) return null
  const name = items.find((event) => event.target?.id === target)?.target?.name ?? target
  return (
    <ActiveFilter parameter="target" clear="Show all targets">
      Only what happened to <strong>{name}</strong>
    </ActiveFilter>
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
