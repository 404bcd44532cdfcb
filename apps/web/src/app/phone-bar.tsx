/** The top of the page on a phone: the navigation behind a button. */
import { t } from '@lingui/core/macro'
import { ActionIcon } from '@mantine/core'
import { IconMenu2 } from '@tabler/icons-react'
import { lazy, useState } from 'react'
import { Brand } from '../ui/brand.tsx'
import { LateDialog } from '../ui/late-dialog.tsx'
import classes from './console.module.css'
import { PaletteIcon } from './palette-host.tsx'

/** Loaded when it is first opened; most screens are wide enough without it. */
const PhoneDrawer = lazy(() => import('./phone-drawer.tsx').then(({ PhoneDrawer: drawer }) => ({ default: drawer })))

export function PhoneBar() {
  const [isOpen, setOpen] = useState<boolean | null>(null)
  const close = () => setOpen(false)
  return (
    <header className={classes['bar']}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t`Open navigation`} onClick={() => setOpen(true)}>
        <IconMenu2 size={20} aria-hidden />
      </ActionIcon>
      <Brand />
      <PaletteIcon />
      {isOpen !== null && (
        <LateDialog onClose={isOpen ? close : null}>
          <PhoneDrawer isOpen={isOpen} onClose={close} />
        </LateDialog>
      )}
    </header>
  )
}
