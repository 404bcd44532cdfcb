/** Above a list while rows are selected: how many, and what can be done with them. */

import { userChanges } from '@gatehouse/contract/identity/user-changes'
import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSession } from '../../api/session.ts'
import { formatNumber } from '../../messages/format.ts'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import type { Selection } from '../../ui/selection.ts'
import { bulkEdit, useBulkActions } from './bulk-actions.ts'
import classes from './bulk-bar.module.css'

/** `count`: the rows on this page. */
export function BulkBar({ selection, count }: { selection: Selection<User>; count: number }) {
  const { selected, toggleAll, clear } = selection
  const { whyNot } = useSession()
  const { enable, disable, remove } = useBulkActions()
  const reason = whyNot(userChanges.apply)
  const isAnyOff = selected.some(({ disabledAt }) => disabledAt !== null)
  const isAnyOn = selected.some(({ disabledAt }) => disabledAt === null)

  async function run(action: (users: readonly User[]) => Promise<boolean>): Promise<void> {
    if (await action(selected)) clear()
  }

  if (selected.length === 0) return null
  const button = { size: 'xs', variant: 'default', whyNot: reason } as const
  return (
    <section aria-label={t`Selected rows`} className={classes['bar']}>
      <output className={classes['count']}>
        <Trans>{formatNumber(selected.length)} selected</Trans>
      </output>
      <GuardedButton {...button} onClick={() => void run(bulkEdit.open)}>
        <Trans>Roles and tags…</Trans>
      </GuardedButton>
      {isAnyOff && (
        <GuardedButton {...button} onClick={() => void run(enable)}>
          <Trans>Enable…</Trans>
        </GuardedButton>
      )}
      {isAnyOn && (
        <GuardedButton {...button} onClick={() => void run(disable)}>
          <Trans>Disable…</Trans>
        </GuardedButton>
      )}
      <GuardedButton {...button} c="var(--refused)" onClick={() => void run(remove)}>
        <Trans>Delete…</Trans>
      </GuardedButton>
      {selected.length < count && (
        <Button size="xs" variant="subtle" onClick={toggleAll}>
          <Trans>Select all {formatNumber(count)}</Trans>
        </Button>
      )}
      <Button size="xs" variant="subtle" onClick={clear}>
        <Trans>Clear selection</Trans>
      </Button>
    </section>
  )
}
