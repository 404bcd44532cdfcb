/** When Gatehouse last looked for changes in a directory, and what came of it. */
import type { LastSweep } from '@gatehouse/contract/identity/providers'
import { t } from '@lingui/core/macro'
import { Fact } from '../../ui/facts.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { problemWords } from './provider-words.ts'

export function LastSweepFact({ lastSweep }: { lastSweep: LastSweep | null }) {
  const { finishedAt = null, people = 0, changed = 0, problem = null } = lastSweep ?? {}
  return (
    <Fact label={t`Last look for changes`}>
      {finishedAt === null ? t`Not yet.` : <RelativeTime at={finishedAt} />}
      {finishedAt !== null && ` · ${t`${people ?? 0} people, ${changed ?? 0} users changed.`}`}
      {problem !== null && ` ${t`The last attempt failed:`} ${problemWords[problem]}`}
    </Fact>
  )
}
