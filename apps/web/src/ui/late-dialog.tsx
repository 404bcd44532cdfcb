/** Around a dialog whose code is loaded when it is first opened: Escape closes it also while the code is on its way. */
import { useWindowEvent } from '@mantine/hooks'
import { type ReactNode, Suspense } from 'react'
import { useAwaitedDialog } from './dialog-stack.ts'

interface LateDialogProps {
  /** Null: it is closed already, and only its code is still on its way. */
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
