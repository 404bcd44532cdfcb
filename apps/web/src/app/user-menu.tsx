import { Menu, SegmentedControl, UnstyledButton, useMantineColorScheme, VisuallyHidden } from '@mantine/core'
import { IconKey, IconLogout, IconSelector } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useSession, useSignOut } from '../api/session.ts'
import { toastError } from '../ui/toast.tsx'
import classes from './user-menu.module.css'

/** Who is signed in; the colour scheme; the own account; the way out. */
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
              <VisuallyHidden>Account of </VisuallyHidden>
              {user.username}
            </span>
            <span className={classes['roles']}>{user.roleNames.join(', ') || 'no role'}</span>
          </span>
          <IconSelector size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <SchemeSwitch />
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconKey size={16} aria-hidden />}
          onClick={() => void navigate({ to: '/settings/password' })}
        >
          Change password
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          onClick={() => signOut.mutate(undefined, { onError: toastError })}
        >
          Sign out
        </Menu.Item>
        {version && <Menu.Label>Gatehouse {version}</Menu.Label>}
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
      aria-label="Colour scheme"
      value={colorScheme}
      onChange={setColorScheme}
      data={[
        { value: 'auto', label: 'System' },
        { value: 'light', label: 'Light' },
        { value: 'dark', label: 'Dark' },
      ]}
    />
  )
}
