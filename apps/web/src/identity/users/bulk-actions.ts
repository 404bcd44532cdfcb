/** The actions on several selected users: one call, all or none. Each resolves with whether it was done. */

import { userChanges } from '@gatehouse/contract/identity/user-changes'
import type { User } from '@gatehouse/contract/identity/users'
import type { Body } from '@gatehouse/contract/route'
import { plural, t } from '@lingui/core/macro'
import { lazy } from 'react'
import { call } from '../../api/client.ts'
import { useChange } from '../../api/queries.ts'
import { type Confirmation, confirmWith } from '../../ui/confirm.tsx'
import { disconnectedWords } from '../../ui/consequences.ts'
import { defineModal } from '../../ui/modals.tsx'
import { toast } from '../../ui/toast.tsx'
import { impactConsequences } from './user-actions.ts'

type Change = Body<typeof userChanges.apply>['change']

const BulkEdit = lazy(() => import('./bulk-edit-dialog.tsx').then(({ BulkEdit: dialog }) => ({ default: dialog })))

/** Roles and tags to add and to remove. */
export const bulkEdit = defineModal<readonly User[], boolean>(BulkEdit, { whenClosed: false, closesWithPage: true })

export function usersCounted(count: number): string {
  return plural(count, { one: '# user', other: '# users' })
}

export function useBulkActions() {
  const change = useChange(userChanges.apply)

  /** Asks with what it would end; the number has to be typed if connections end. */
  function confirmChange(
    users: readonly User[],
    {
      body,
      done,
      ...words
    }: Pick<Confirmation, 'title' | 'message' | 'action'> & { body: Change; done: (count: number) => string },
  ): Promise<boolean> {
    const ids = users.map(({ id }) => id)
    return confirmWith(async () => {
      const impact = await call(userChanges.impact, { body: { users: ids, change: body } })
      const consequences = impactConsequences(impact)
      return {
        ...words,
        ...(consequences.length > 0 && { consequences }),
        typeName: impact.connections === 0 ? undefined : String(users.length),
        run: async () => {
          const { changed, disconnected } = await change.mutateAsync({ body: { users: ids, change: body } })
          toast({ message: `${done(changed)} ${disconnectedWords(disconnected)}` })
        },
      }
    })
  }

  return {
    enable: (users: readonly User[]) =>
      confirmChange(users, {
        title: plural(users.length, { one: 'Enable # user?', other: 'Enable # users?' }),
        message: t`They can sign in again.`,
        action: t`Enable`,
        body: { disabled: false },
        done: (count) => plural(count, { one: '# user enabled.', other: '# users enabled.' }),
      }),
    disable: (users: readonly User[]) =>
      confirmChange(users, {
        title: plural(users.length, { one: 'Disable # user?', other: 'Disable # users?' }),
        message: t`They cannot sign in until they are enabled again. Nothing is deleted.`,
        action: t`Disable`,
        body: { disabled: true },
        done: (count) => plural(count, { one: '# user disabled.', other: '# users disabled.' }),
      }),
    remove: (users: readonly User[]) =>
      confirmChange(users, {
        title: plural(users.length, { one: 'Delete # user?', other: 'Delete # users?' }),
        message: t`They are deleted for good, and their certificates that were issued here are revoked.`,
        action: t`Delete`,
        body: { delete: true },
        done: (count) => plural(count, { one: '# user deleted.', other: '# users deleted.' }),
      }),
  }
}
