/** When Gatehouse last checked a directory for changes, and the result. */
import type { LastSweep } from '@gatehouse/contract/identity/providers'
import { t } from '@lingui/core/macro'
import { formatNumber } from '../../messages/format.ts'
import { Fact } from '../../ui/facts.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { problemWords } from './provider-words.ts'

export function LastSweepFact({ lastSweep }: { lastSweep: LastSweep | null }) {
  const { finishedAt = null, people, changed, problem = null } = lastSweep ?? {}
  return (
    <Fact label={t`Last check for changes`}>
      {finishedAt === null ? t`Not yet.` : <RelativeTime at={finishedAt} />}
      {finishedAt !== null &&
        ` · ${t`People found: ${formatNumber(people ?? 0)}. Users changed: ${formatNumber(changed ?? 0)}.`}`}
      {problem !== null && ` ${t`The last attempt failed:`} ${problemWords[problem]}`}
    </Fact>
  )
}
