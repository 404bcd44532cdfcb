/** By whom, what, to what and when; all of it in the URL. */

import { type AuditEvent, auditActions, auditTargets } from '@gatehouse/contract/operations/audit'
import type { Page } from '@gatehouse/contract/paging'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { ActiveFilter } from '../../ui/active-filter.tsx'
import { ChoiceFilter, Choices, Filters, SearchFilter } from '../../ui/filters.tsx'
import { useParameters } from '../../ui/search-links.ts'
import { TimeRange } from '../../ui/time-range.tsx'
import { auditActionWords, auditTargetWords } from './audit-words.ts'

const actions = auditActions.map((value) => ({ value, label: auditActionWords[value] }))
const targetTypes = auditTargets.map((value) => ({ value, label: auditTargetWords[value] }))

/** `options`: how the list is looked at, beside the filters. */
export function AuditFilters({ data, options }: { data: Page<AuditEvent>; options: ReactNode }) {
  return (
    <>
      <Filters total={data.total} of={(count) => plural(count, { one: '# event', other: '# events' })}>
        <SearchFilter label={t`Search user, target, address`} />
        <Choices>
          <ChoiceFilter name="actor" label={t`User`} options={useActors(data.items)} />
          <ChoiceFilter name="action" label={t`Action`} options={actions} />
          <ChoiceFilter name="targetType" label={t`Target`} options={targetTypes} />
        </Choices>
        {options}
      </Filters>
      <TimeRange />
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

/** The list shows the history of one target only. */
function OneTarget({ items }: { items: readonly AuditEvent[] }) {
  const { target } = useParameters()
  if (!target) return null
  const name = items.find((event) => event.target?.id === target)?.target?.name ?? target
  return (
    <ActiveFilter parameter="target" clear={t`Show all targets`}>
      <Trans>
        Only events about <strong>{name}</strong>
      </Trans>
    </ActiveFilter>
  )
}
