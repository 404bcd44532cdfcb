/** Which devices that were refused in the last days the rule would admit. */

import { type AdmissionWarning, admissionRules } from '@gatehouse/contract/brokers/admission-rules'
import { t } from '@lingui/core/macro'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { formatList } from '../../messages/format.ts'
import classes from '../listeners/listeners.module.css'
import type { RuleValues } from './rule-values.ts'

const typingPauseMs = 400
const shownNames = 8

const warningWords: Record<AdmissionWarning, string> = {
  matches_everything: t`A pattern matches every name: each device of this CA is admitted, also one that you do not expect.`,
  no_roles: t`Without roles the devices connect and may do nothing.`,
}

export function RulePreview({ values: { authority, usernames, roles } }: { values: RuleValues }) {
  const [typed] = useDebouncedValue({ authority, usernames, roles }, typingPauseMs)
  const isComplete = typed.authority !== '' && typed.usernames.length > 0
  const { data } = useQuery({
    ...queryFor(admissionRules.preview, { body: typed }),
    enabled: isComplete,
    placeholderData: keepPreviousData,
    retry: false,
  })
  if (!isComplete || !data) return <output className={classes['problems']} />
  const admitted = data.items.filter(({ state }) => state === 'unknown').map(({ username }) => username)
  const denied = data.items.filter(({ state }) => state === 'denied').map(({ username }) => username)
  return (
    <>
      <output className={classes['problems']}>
        {data.warnings.map((warning) => (
          <span key={warning}>{warningWords[warning]}</span>
        ))}
      </output>
      <output className={classes['overridden']}>
        {admitted.length === 0
          ? t`Of the devices that were refused in the last days, it would admit none.`
          : t`Of the devices that were refused in the last days, it would admit ${admitted.length}: ${shorten(admitted)}.`}
        {denied.length > 0 && ` ${t`Not admitted, because they are denied: ${shorten(denied)}.`}`}
      </output>
    </>
  )
}

function shorten(names: readonly string[]): string {
  const others = names.length - shownNames
  return others > 0 ? t`${formatList(names.slice(0, shownNames))} and ${others} more` : formatList(names)
}
