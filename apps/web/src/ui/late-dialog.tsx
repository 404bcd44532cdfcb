/** Wraps a lazy dialog: Escape also closes it while its code is loading. */
import { useWindowEvent } from '@mantine/hooks'
import { type ReactNode, Suspense } from 'react'
import { useAwaitedDialog } from './dialog-stack.ts'

interface LateDialogProps {
  /** Null: the dialog is already closed, and only its code is still loading. */
  onClose: (() => void) | null
  children: ReactNode
}

export function LateDialog({ onClose, children }: LateDialogProps) {
  return <Suspense fallback={onClose && <Awaited onClose={onClose} />}>{children}</Suspense>
}

function Awaited({ onClose }: { onClose: () => void }) {
  useAwaitedDialog()
  useWindowEvent('keydown', (event) => {
    if (event.key === 'Escape') onClose()
  })
  return null
}
