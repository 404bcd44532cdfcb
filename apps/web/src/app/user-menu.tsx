import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import {
  Menu,
  SegmentedControl,
  UnstyledButton,
  type UnstyledButtonProps,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core'
import { IconBook, IconKeyboard, IconLogout, IconSelector } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import { accountPages } from '../account/account-pages.tsx'
import { useSession, useSignOut } from '../api/session.ts'
import { changeLanguage, type Language, language, languageNames } from '../messages/language.ts'
import { toastError } from '../ui/toast.tsx'
import { shortcuts } from './shortcuts.ts'
import classes from './user-menu.module.css'

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
        <SchemeSwitch />
        <LanguageSwitch />
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

function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      aria-label={t`Colour scheme`}
      value={colorScheme}
      onChange={setColorScheme}
      data={[
        { value: 'auto', label: t`System` },
        { value: 'light', label: t`Light` },
        { value: 'dark', label: t`Dark` },
      ]}
    />
  )
}

function LanguageSwitch() {
  return (
    <SegmentedControl
      fullWidth
      mt="xs"
      size="xs"
      aria-label={t`Language`}
      value={language}
      onChange={(next) => changeLanguage(next as Language)}
      data={Object.entries(languageNames).map(([value, label]) => ({ value, label }))}
    />
  )
}
