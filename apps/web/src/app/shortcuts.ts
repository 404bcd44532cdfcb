/** The keys that work on every page. `?` lists them. */
import { useWindowEvent } from '@mantine/hooks'
import { lazy } from 'react'
import { isAnyDialogOpen } from '../ui/dialog-stack.ts'
import { defineModal } from '../ui/modals.tsx'

const ShortcutsDialog = lazy(() =>
  import('./shortcuts-dialog.tsx').then(({ ShortcutsDialog: dialog }) => ({ default: dialog })),
)

export const shortcuts = defineModal<void, void>(ShortcutsDialog, { whenClosed: undefined })

export function useShortcuts(): void {
  useWindowEvent('keydown', (event) => {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || isAnyDialogOpen()) return
    if (event.key === '?') void shortcuts.open()
    else if (event.key === '/' && focusSearch()) event.preventDefault()
  })
}

/** A single key must not act where it is text (WCAG 2.1.4). */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role="menu"]') !== null
  )
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"]')
  field?.focus()
  return field !== null
}
