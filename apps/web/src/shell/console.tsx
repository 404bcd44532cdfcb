/** The frame of every page behind the sign-in: navigation, the page, and the dialogs and toasts that exist once. */
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import './console-styles.css'
import { ActionIcon, Drawer } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { IconMenu2 } from '@tabler/icons-react'
import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { proofSlot } from '../api/proof.ts'
import { ConfirmDialog } from '../feedback/confirm.tsx'
import { Brand } from './brand.tsx'
import classes from './console.module.css'
import { Navigation } from './navigation.tsx'
import { Notices } from './notices.tsx'
import { PendingBar } from './pending-bar.tsx'
import { UserMenu } from './user-menu.tsx'

/** Loaded when it is asked for. */
const ProofDialog = lazy(() => import('./proof-dialog.tsx').then(({ ProofDialog: dialog }) => ({ default: dialog })))

export function Console() {
  const isProofAsked = proofSlot.useOpen() !== null
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
      <ConfirmDialog />
      <Suspense>{isProofAsked && <ProofDialog />}</Suspense>
      <Notifications position="bottom-right" limit={3} containerWidth={360} />
    </>
  )
}

function PhoneBar() {
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <header className={classes['bar']}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Open the navigation"
        onClick={() => setOpen(true)}
      >
        <IconMenu2 size={20} aria-hidden />
      </ActionIcon>
      <Brand />
      <Drawer
        opened={isOpen}
        onClose={close}
        size={272}
        title={<Brand />}
        closeButtonProps={{ 'aria-label': 'Close the navigation' }}
        classNames={{ body: classes['drawer'] ?? '' }}
      >
        <Navigation onGo={close} />
        <div className={classes['account']}>
          <UserMenu />
        </div>
      </Drawer>
    </header>
  )
}
