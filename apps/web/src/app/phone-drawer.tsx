/** The navigation on a phone. */
import { t } from '@lingui/core/macro'
import { Drawer } from '@mantine/core'
import { Brand } from '../ui/brand.tsx'
import classes from './console.module.css'
import { Navigation } from './navigation.tsx'
import { UserMenu } from './user-menu.tsx'

export function PhoneDrawer({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      size={272}
      title={<Brand />}
      closeButtonProps={{ 'aria-label': t`Close navigation` }}
      classNames={{ body: classes['drawer'] ?? '' }}
    >
      <Navigation onGo={onClose} />
      <div className={classes['account']}>
        <UserMenu onGo={onClose} />
      </div>
    </Drawer>
  )
}
