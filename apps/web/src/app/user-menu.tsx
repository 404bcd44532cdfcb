import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Menu, UnstyledButton, type UnstyledButtonProps, VisuallyHidden } from '@mantine/core'
import { IconBook, IconKeyboard, IconLogout, IconSelector } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { type ComponentProps, lazy, Suspense } from 'react'
import { accountPages } from '../account/account-pages.tsx'
import { useSession, useSignOut } from '../api/session.ts'
import { toastError } from '../ui/toast.tsx'
import { shortcuts } from './shortcuts.ts'
import classes from './user-menu.module.css'

// Every page has the menu, and few readers open it.
const Switches = lazy(async () => ({ default: (await import('./user-menu-switches.tsx')).UserMenuSwitches }))

interface UserMenuProps {
  /** Called when the person goes to a page, so that the drawer closes. */
  onGo?: () => void
}

/** Who is signed in; the colour scheme; the language; the own account; help; the way out. */
export function UserMenu({ onGo }: UserMenuProps) {
  const { version, can } = useSession()
  const navigate = useNavigate()
  const signOut = useSignOut()
  return (
    <Menu position="top-start" width={260} keepMounted={false}>
      <Menu.Target>
        <UserButton />
      </Menu.Target>
      <Menu.Dropdown>
        <Suspense fallback={<div className={classes['switches']} />}>
          <Switches />
        </Suspense>
        <Menu.Divider />
        {accountPages
          .filter(({ calls }) => can(calls))
          .map(({ label, to, icon: Glyph }) => (
            <Menu.Item
              key={label}
              leftSection={<Glyph size={16} aria-hidden />}
              onClick={() => {
                onGo?.()
                void navigate({ to })
              }}
            >
              {label}
            </Menu.Item>
          ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={() => void shortcuts.open()}>
          <Trans>Keyboard shortcuts</Trans>
        </Menu.Item>
        <Menu.Item
          leftSection={<IconBook size={16} aria-hidden />}
          component="a"
          href="/api/docs"
          target="_blank"
          className={classes['help'] ?? ''}
        >
          <Trans>API reference</Trans>
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          onClick={() => signOut.mutate(undefined, { onError: toastError })}
        >
          <Trans>Sign out</Trans>
        </Menu.Item>
        {version && (
          <Menu.Label>
            <Trans>Gatehouse {version}</Trans>
          </Menu.Label>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

function UserButton(button: UnstyledButtonProps & ComponentProps<'button'>) {
  const { user } = useSession()
  return (
    <UnstyledButton {...button} className={classes['user']}>
      <span className={classes['initials']} aria-hidden>
        {user.username.slice(0, 2).toUpperCase()}
      </span>
      <span className={classes['names']}>
        <span className={classes['username']}>
          <VisuallyHidden>
            <Trans>Account of</Trans>{' '}
          </VisuallyHidden>
          {user.username}
        </span>
        <span className={classes['roles']}>{user.roleNames.join(', ') || t`no role`}</span>
      </span>
      <IconSelector size={16} aria-hidden />
    </UnstyledButton>
  )
}
