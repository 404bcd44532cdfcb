/** The frame of every page behind the sign-in: navigation, the page, and the dialogs and toasts that exist once. */
import { Trans } from '@lingui/react/macro'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import '../ui/console-styles.css'
import { Outlet, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Brand } from '../ui/brand.tsx'
import { closePageModals, ModalHost } from '../ui/modals.tsx'
import { Toasts } from '../ui/toasts.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import classes from './console.module.css'
import { useEscapeCancelsOpening } from './escape-cancels.ts'
import { Navigation } from './navigation.tsx'
import { Notices } from './notices.tsx'
import { PaletteButton, usePaletteKey } from './palette-host.tsx'
import { PendingBar } from './pending-bar.tsx'
import { PhoneBar } from './phone-bar.tsx'
import { useShortcuts } from './shortcuts.ts'
import { UserMenu } from './user-menu.tsx'

export function Console() {
  useEscapeCancelsOpening()
  useModalsCloseWithPage()
  usePaletteKey()
  useShortcuts()
  return (
    <>
      <a href="#page" className={classes['skip']}>
        <Trans>Skip to content</Trans>
      </a>
      <ConnectionBanner />
      <div className={classes['frame']}>
        <aside className={classes['side']}>
          <div className={classes['brand']}>
            <Brand />
          </div>
          <PaletteButton />
          <Navigation />
          <div className={classes['account']}>
            <UserMenu />
          </div>
        </aside>
        <PhoneBar />
        <PendingBar />
        <main id="page" tabIndex={-1} className={classes['page']}>
          <Notices />
          <Outlet />
        </main>
      </div>
      <ModalHost place="session" />
      <Toasts />
    </>
  )
}

function useModalsCloseWithPage(): void {
  const router = useRouter()
  // Synchronises the modal host with the router: a dialog about a certificate does not stay over another page.
  useEffect(() => router.subscribe('onBeforeLoad', ({ pathChanged }) => pathChanged && closePageModals()), [router])
}
