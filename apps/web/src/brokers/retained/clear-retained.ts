/** Deletes retained messages after a question. */
import { type RetainedMessage, retained } from '@gatehouse/contract/brokers/retained'
import { plural, t } from '@lingui/core/macro'
import { useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { refreshAfter } from '../../api/invalidation.ts'
import { useChange } from '../../api/queries.ts'
import { confirm } from '../../ui/confirm.tsx'
import { toast } from '../../ui/toast.tsx'

/** Each answers whether it was done. */
export function useClearRetained() {
  const { mutateAsync } = useChange(retained.clear)
  const client = useQueryClient()
  const message = t`New subscribers do not receive a message until one is published again. This cannot be undone.`
  const action = t`Delete`

  /** A topic is also a filter, which matches itself only. */
  function messages(chosen: readonly Pick<RetainedMessage, 'topic'>[]): Promise<boolean> {
    const count = chosen.length
    const topic = chosen[0]?.topic ?? ''
    return confirm({
      title:
        count === 1
          ? t`Delete the retained message of ${topic}?`
          : plural(count, { one: 'Delete # retained message?', other: 'Delete # retained messages?' }),
      message,
      action,
      run: () => clearEach(chosen.map((each) => each.topic)),
    })
  }

  /** If one fails, the earlier ones are deleted all the same. */
  async function clearEach(filters: readonly string[]): Promise<void> {
    let cleared = 0
    try {
      for (const filter of filters) cleared += (await call(retained.clear, { search: { filter } })).cleared
    } catch (error) {
      if (cleared > 0) toast({ message: done(cleared) })
      throw error
    } finally {
      await refreshAfter(client, retained.clear)
    }
    toast({ message: done(cleared) })
  }

  function matching(filter: string): Promise<boolean> {
    return confirm({
      title: t`Delete all retained messages that match ${filter}?`,
      message,
      action,
      typeName: filter,
      run: async () => {
        const { cleared, isMore } = await mutateAsync({ search: { filter } })
        toast({ message: isMore ? `${done(cleared)} ${t`There are more that match.`}` : done(cleared) })
      },
    })
  }

  return { messages, matching }
}

function done(cleared: number): string {
  return plural(cleared, { one: '# message was deleted.', other: '# messages were deleted.' })
}
