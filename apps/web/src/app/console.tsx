/** The frame of every page behind the sign-in: navigation, the page, and the dialogs and toasts that exist once. */
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import '../ui/console-styles.css'
import { Outlet } from '@tanstack/react-router'
import { lazy } from 'react'
import { proofSlot } from '../api/proof.ts'
import { unconfirmedSlot } from '../api/unconfirmed.ts'
import { Brand } from '../ui/brand.tsx'
import { ConfirmDialog } from '../ui/confirm.tsx'
import { LateDialog } from '../ui/late-dialog.tsx'
import { Toasts } from '../ui/toasts.tsx'
import classes from './console.module.css'
import { useEscapeCancelsOpening } from './escape-cancels.ts'
import { Navigation } from './navigation.tsx'
import { Notices } from './notices.tsx'
import { PaletteButton, PaletteHost } from './palette-host.tsx'
import { PendingBar } from './pending-bar.tsx'
import { PhoneBar } from './phone-bar.tsx'
import { UserMenu } from './user-menu.tsx'

/** Loaded when it is asked for. */
const ProofDialog = lazy(() =>
  import('../identity/sign-in/proof-dialog.tsx').then(({ ProofDialog: dialog }) => ({ default: dialog })),
)

const UnconfirmedDialog = lazy(() =>
  import('../certificates/authorities/unconfirmed-dialog.tsx').then(({ UnconfirmedDialog: dialog }) => ({
    default: dialog,
  })),
)

export function Console() {
  const proof = proofSlot.useOpen()
  const unconfirmed = unconfirmedSlot.useOpen()
  useEscapeCancelsOpening()
  return (
    <>
      <a href="#page" className={classes['skip']}>
        Skip to the page
      </a>
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
      <PaletteHost />
      <ConfirmDialog />
      {proof && (
        <LateDialog onClose={() => proof.settle(false)}>
          <ProofDialog />
        </LateDialog>
      )}
      {unconfirmed && (
        <LateDialog onClose={() => unconfirmed.settle(null)}>
          <UnconfirmedDialog {...unconfirmed} />
        </LateDialog>
      )}
      <Toasts />
    </>
  )
}
