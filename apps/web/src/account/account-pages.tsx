/** The pages of the own account: reached from the menu on the own name, and from one another. */

import { mfa } from '@gatehouse/contract/identity/second-factors'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import type { Route } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { type Icon, IconDevices, IconKey, IconPassword, IconShieldLock } from '@tabler/icons-react'
import { Link, type LinkProps, useLocation } from '@tanstack/react-router'
import { useSession } from '../api/session.ts'
import { showTab } from '../ui/show-tab.ts'
import classes from './account-pages.module.css'

interface AccountPage {
  label: string
  to: NonNullable<LinkProps['to']>
  icon: Icon
  /** The route that the page calls. */
  calls: Route
}

export const accountPages: readonly AccountPage[] = [
  { label: t`Password`, to: '/account/password', icon: IconPassword, calls: session.changePassword },
  { label: t`Multi-factor authentication`, to: '/account/mfa', icon: IconShieldLock, calls: mfa.view },
  { label: t`Sessions`, to: '/account/sessions', icon: IconDevices, calls: sessions.list },
  { label: t`Tokens`, to: '/account/tokens', icon: IconKey, calls: tokens.list },
]

export function AccountNavigation() {
  const { can } = useSession()
  const { pathname } = useLocation()
  return (
    <nav aria-label={t`Account`} className={classes['navigation']}>
      {accountPages
        .filter(({ calls }) => can(calls))
        .map(({ label, to }) => (
          <Link key={label} to={to} ref={to === pathname ? showTab : null} activeOptions={{ includeSearch: false }}>
            {label}
          </Link>
        ))}
    </nav>
  )
}
