/** Above a list while rows are selected: how many, and what can be done with them. */

import { userChanges } from '@gatehouse/contract/identity/user-changes'
import type { User } from '@gatehouse/contract/identity/users'
import { Trans } from '@lingui/react/macro'
import { useSession } from '../../api/session.ts'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import type { Selection } from '../../ui/selection.ts'
import { SelectionBar } from '../../ui/selection-bar.tsx'
import { bulkEdit, useBulkActions } from './bulk-actions.tsx'

interface BulkBarProps {
  selection: Selection<User>
  /** The rows on this page. */
  count: number
  /** All that match the filters. Null: more than are counted. */
  total: number | null
  findAll: () => Promise<User[]>
}

export function BulkBar({ selection, count, total, findAll }: BulkBarProps) {
  const { selected, clear } = selection
  const { whyNot } = useSession()
  const { enable, disable, remove } = useBulkActions()
  const reason = whyNot(userChanges.apply)
  const isAnyOff = selected.some(({ disabledAt }) => disabledAt !== null)
  const isAnyOn = selected.some(({ disabledAt }) => disabledAt === null)

  async function run(action: (users: readonly User[]) => Promise<boolean>): Promise<void> {
    if (await action(selected)) clear()
  }

  const button = { size: 'xs', variant: 'default', whyNot: reason } as const
  return (
    <SelectionBar selection={selection} count={count} matching={{ total, findAll }}>
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
    </SelectionBar>
  )
}
