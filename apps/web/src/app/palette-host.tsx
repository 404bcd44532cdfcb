/** The ways to the command palette: Ctrl K or Cmd K, a button beside the navigation, an icon on a phone. Its code is loaded when it is first opened. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, UnstyledButton } from '@mantine/core'
import { useWindowEvent } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { isAnyDialogOpen } from '../ui/dialog-stack.ts'
import { defineModal, type ModalProps } from '../ui/modals.tsx'
import classes from './palette.module.css'

const Palette = lazy(() => import('./palette.tsx').then(({ Palette: dialog }) => ({ default: dialog })))

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent)

function openPalette(): void {
  // Does nothing while a dialog is open.
  if (!isAnyDialogOpen()) void palette.open()
}

/** Also works in fields, and replaces the browser's own shortcut. */
function openByKey(event: KeyboardEvent): void {
  const isOurs = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey
  if (!isOurs) return
  event.preventDefault()
  openPalette()
}

export function usePaletteKey(): void {
  useWindowEvent('keydown', openByKey)
}

/** Keeps what is typed before the field is on the page, and puts it into the field. */
function OpenPalette({ settle: onClose }: ModalProps<void, void>) {
  const [typed, setTyped] = useState('')
  useWindowEvent('keydown', (event) => {
    if (!isTypedTooEarly(event)) return
    event.preventDefault()
    if (event.key === 'Escape') onClose()
    else setTyped((before) => before + event.key)
  })
  return (
    <Suspense>
      <Palette typed={typed} onType={setTyped} onClose={onClose} />
    </Suspense>
  )
}

const palette = defineModal(OpenPalette, { whenClosed: undefined })

function isTypedTooEarly({ target, key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const isInDialog = target instanceof Element && target.closest('[role="dialog"]')
  const isOurs = key === 'Escape' || key.length === 1
  return !isInDialog && isOurs && !ctrlKey && !metaKey && !altKey
}

export function PaletteButton() {
  return (
    <UnstyledButton
      className={classes['button']}
      onClick={openPalette}
      aria-keyshortcuts={isMac ? 'Meta+K' : 'Control+K'}
    >
      <IconSearch size={16} aria-hidden />
      <span>
        <Trans>Go to…</Trans>
      </span>
      <kbd aria-hidden>{isMac ? '⌘ K' : t`Ctrl K`}</kbd>
    </UnstyledButton>
  )
}

export function PaletteIcon() {
  return (
    <ActionIcon
      className={classes['icon'] ?? ''}
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={t`Go to…`}
      onClick={openPalette}
    >
      <IconSearch size={20} aria-hidden />
    </ActionIcon>
  )
}
