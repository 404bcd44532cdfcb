import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Menu, SegmentedControl, UnstyledButton, useMantineColorScheme, VisuallyHidden } from '@mantine/core'
import { IconKey, IconLogout, IconSelector } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useSession, useSignOut } from '../api/session.ts'
import { changeLanguage, type Language, language, languageNames } from '../messages/language.ts'
import { toastError } from '../ui/toast.tsx'
import classes from './user-menu.module.css'

/** Who is signed in; the colour scheme; the language; the own account; the way out. */
export function UserMenu() {
  const { user, version } = useSession()
  const navigate = useNavigate()
  const signOut = useSignOut()
  return (
    <Menu position="top-start" width={240} keepMounted={false}>
      <Menu.Target>
        <UnstyledButton className={classes['user']}>
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
      </Menu.Target>
      <Menu.Dropdown>
        <SchemeSwitch />
        <LanguageSwitch />
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconKey size={16} aria-hidden />}
          onClick={() => void navigate({ to: '/settings/password' })}
        >
          <Trans>Change password</Trans>
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
