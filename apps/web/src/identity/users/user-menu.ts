/** The actions on a user, for the rows of the lists and for its page. */

import { decisions } from '@gatehouse/contract/brokers/decisions'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { type User, users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import type { LinkProps } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { toDecisionHistory } from '../../links.ts'
import type { RowAction } from '../../ui/column.ts'
import { askForPassword, useResetFactor, useUserActions, whyNotPassword } from './user-actions.ts'

interface UserMenuOptions {
  /** Where Edit User opens. Left out where a button beside the menu does it. */
  editLink?: (user: User) => LinkProps
  onRemoved?: (user: User) => void
}

export function useUserMenu({ editLink, onRemoved }: UserMenuOptions): (user: User) => RowAction[] {
  const current = useSession()
  const { user: self, can, whyNot } = current
  const { disable, enable, remove } = useUserActions()
  const resetFactor = useResetFactor()
  return (user) => {
    const { id } = user
    const own = id === self.id ? t`This is your own account. Another administrator can do it.` : undefined
    const cannotUpdate = own ?? whyNot(users.update, { id })
    return [
      // The dialog reads the user, so the list alone is not enough.
      ...(editLink && can(users.view, { id })
        ? [{ label: whyNot(users.update, { id }) ? t`Show` : t`Edit`, link: editLink(user) }]
        : []),
      { label: t`Set password…`, onSelect: () => void askForPassword(user), whyNot: whyNotPassword(user, current) },
      ...(can(decisions.list) ? [{ label: t`Decisions`, link: toDecisionHistory(user.username) }] : []),
      ...(user.mfa.enabled
        ? [
            {
              label: t`Lost phone: disable MFA…`,
              onSelect: () => void resetFactor(user),
              whyNot: own ?? whyNot(mfa.reset, { id }),
            },
          ]
        : []),
      user.disabledAt === null
        ? { label: t`Disable…`, onSelect: () => void disable(user), whyNot: cannotUpdate }
        : { label: t`Enable`, onSelect: () => void enable(user), whyNot: cannotUpdate },
      {
        label: t`Delete…`,
        dangerous: true,
        onSelect: () => void removeAndLeave(user),
        whyNot: own ?? whyNot(users.remove, { id }),
      },
    ]
  }

  async function removeAndLeave(user: User): Promise<void> {
    if (await remove(user)) onRemoved?.(user)
  }
}
