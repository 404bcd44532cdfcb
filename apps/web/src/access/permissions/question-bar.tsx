/** "Who can publish to `line-3/+/setpoint`?": the filter of this page, as a question. */

import { isTopicFilter } from '@gatehouse/contract/access/topic'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Checkbox } from '@mantine/core'
import type { ReactNode } from 'react'
import { describeField } from '../../ui/field-words.ts'
import { ChoiceFilter, Filters, TextFilter } from '../../ui/filters.tsx'
import { useNavigateTo, useParameters, withSearchReset } from '../../ui/search-links.ts'
import { questions } from './search.ts'

const options = Object.entries(questions).map(([value, { label }]) => ({ value, label }))

interface QuestionBarProps {
  total: number | null
  /** After the filters. */
  options: ReactNode
}

export function QuestionBar({ total, options: listOptions }: QuestionBarProps) {
  const { about, part, can } = useParameters()
  const go = useNavigateTo()
  return (
    <Filters
      total={total}
      of={(count) => plural(count, { one: '# permission', other: '# permissions' })}
      {...((about ?? can) && { uncounted: t`Many` })}
    >
      <span>
        <Trans>Who</Trans>
      </span>
      <ChoiceFilter name="can" label={t`Operation`} options={options} />
      <TextFilter name="about" label={t`Topic or path`} placeholder="line-3/+/setpoint" isMachine check={wrongWith} />
      <Checkbox
        label={t`include partial matches`}
        checked={part !== undefined}
        disabled={!about}
        onChange={(event) => go(withSearchReset({ part: event.currentTarget.checked ? 'some' : undefined }))}
      />
      {listOptions}
    </Filters>
  )
}

function wrongWith(typed: string): string | undefined {
  return isTopicFilter(typed) ? undefined : describeField('topic_filter')
}
