/** The actions on several selected users. Up to 200 are one call, all or none; more are changed in slices, with a report. */

import { maxUsersChanged, userChanges } from '@gatehouse/contract/identity/user-changes'
import type { User } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { useQueryClient } from '@tanstack/react-query'
import { lazy } from 'react'
import { call } from '../../api/client.ts'
import { refreshAfter } from '../../api/invalidation.ts'
import { type Confirmation, confirmWith } from '../../ui/confirm.tsx'
import { disconnectedWords } from '../../ui/consequences.ts'
import { admittedElsewhere, endsAnywhere, foreseenElsewhere } from '../../ui/foreseen.ts'
import { defineModal } from '../../ui/modals.tsx'
import { toast } from '../../ui/toast.tsx'
import { BulkProgress, beginProgress, endProgress, isProgressWanted, showProgress } from './bulk-progress.tsx'
import { type Change, changeInSlices, impactInSlices, type Report } from './change-in-slices.ts'
import { impactConsequences } from './user-actions.ts'

const BulkEdit = lazy(() => import('./bulk-edit-dialog.tsx').then(({ BulkEdit: dialog }) => ({ default: dialog })))
const BulkReport = lazy(() =>
  import('./bulk-report-dialog.tsx').then(({ BulkReportDialog: dialog }) => ({ default: dialog })),
)

/** Roles and tags to add and to remove. Resolves with whether something was changed. */
export const bulkEdit = defineModal<readonly User[], boolean>(BulkEdit, { whenClosed: false, closesWithPage: true })

const bulkReport = defineModal<Report, void>(BulkReport, { whenClosed: undefined })

export function usersCounted(count: number): string {
  return plural(count, { one: '# user', other: '# users' })
}

/** Sends the change. Throws if there is one call, and it was refused. */
export async function sendChange(users: readonly User[], change: Change): Promise<Report> {
  if (users.length <= maxUsersChanged) {
    const answer = await call(userChanges.apply, { body: { users: users.map(({ id }) => id), change } })
    return { ...answer, refused: [], left: 0, error: null }
  }
  beginProgress(users.length)
  try {
    return await changeInSlices({ users, change, call, onProgress: showProgress, isWanted: isProgressWanted })
  } finally {
    endProgress()
  }
}

/** A line if all went well, otherwise the report. */
export function tellReport(report: Report, done: (count: number) => string): void {
  if (report.refused.length > 0 || report.left > 0) void bulkReport.open(report)
  else toast({ message: `${done(report.changed)} ${disconnectedWords(report)}` })
}

function isAccessTaken(change: Change): boolean {
  return 'delete' in change || change.disabled === true
}

export function useBulkActions() {
  const client = useQueryClient()

  /** Asks with what it would end; the number has to be typed if connections end, or if there are many. */
  function confirmChange(
    users: readonly User[],
    {
      body,
      done,
      message,
      ...words
    }: Pick<Confirmation, 'title' | 'message' | 'action'> & { body: Change; done: (count: number) => string },
  ): Promise<boolean> {
    return confirmWith(async () => {
      const impact = await impactInSlices(users, body, call)
      const consequences = impactConsequences(impact)
      return {
        ...words,
        message: (
          <>
            {message}
            <BulkProgress />
          </>
        ),
        ...(consequences.length > 0 && { consequences }),
        notes: [
          ...foreseenElsewhere(impact.connectionsByBroker),
          ...(isAccessTaken(body) ? admittedElsewhere(impact.connectionsByBroker) : []),
        ],
        typeName:
          endsAnywhere(impact.connectionsByBroker) || users.length > maxUsersChanged ? String(users.length) : undefined,
        run: async () => {
          const report = await sendChange(users, body)
          await refreshAfter(client, userChanges.apply)
          tellReport(report, done)
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
