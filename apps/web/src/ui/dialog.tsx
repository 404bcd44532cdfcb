/** The frame of every dialog: title, what belongs beside it, body, foot. Closing gives the focus back. */
import { t } from '@lingui/core/macro'
import { Modal } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import classes from './dialog.module.css'
import { useIsAnyAwaited, useIsTopDialog } from './dialog-stack.ts'

export interface DialogProps {
  title: string
  /** What the dialog is about, below the title; names of machines in `<Machine>`. */
  subtitle?: ReactNode
  /** To the right of the title, such as a switch. */
  aside?: ReactNode
  footer?: ReactNode
  width?: 'narrow' | 'wide'
  /** `null`: neither Escape nor a click beside it closes the dialog, only what its foot offers. */
  onClose: (() => void) | null
  /** Hides everything behind it, for a page that may not be read now. */
  isCovering?: boolean
  children: ReactNode
}

const dimmed = { backgroundOpacity: 0.5 }
const covering = { backgroundOpacity: 1, color: 'var(--mantine-color-body)' }

const widths = { narrow: 448, wide: 632 }

export function Dialog({
  title,
  subtitle,
  aside,
  footer,
  width = 'narrow',
  isCovering = false,
  onClose,
  children,
}: DialogProps) {
  const isTop = useIsTopDialog()
  const isAnyAwaited = useIsAnyAwaited()
  useFocusReturn()
  return (
    <Modal
      opened
      centered
      onClose={() => onClose?.()}
      size={widths[width]}
      padding={0}
      withCloseButton={false}
      closeOnEscape={isTop && !isAnyAwaited}
      trapFocus={isTop}
      returnFocus={false}
      transitionProps={{ duration: 120, transition: 'fade' }}
      overlayProps={isCovering ? covering : dimmed}
      classNames={classes}
      data-below={!isTop || undefined}
    >
      <div className={classes['head']}>
        <div className={classes['headText']}>
          <Modal.Title>{title}</Modal.Title>
          {subtitle && <div className={classes['subtitle']}>{subtitle}</div>}
        </div>
        {aside}
        {onClose && <Modal.CloseButton aria-label={t`Close`} />}
      </div>
      {children}
      {footer}
    </Modal>
  )
}

/** The part of a dialog that scrolls. */
export function DialogBody({ children }: { children: ReactNode }) {
  return <div className={classes['scroll']}>{children}</div>
}

/** The foot: at most one sentence, then the buttons. */
export function DialogFoot({ note, children }: { note?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes['foot']}>
      <div className={classes['note']}>{note}</div>
      <div className={classes['buttons']}>{children}</div>
    </div>
  )
}

/** On its way back into a dialog below; whatever opens meanwhile gives it back to the same place. */
let onItsWay: Element | null = null

function useFocusReturn(): void {
  // Synchronises with the document's focus: a dialog that is mounted open must remember for itself where it was.
  useEffect(() => {
    const before = onItsWay ?? document.activeElement
    onItsWay = null
    return () => {
      // What was deleted takes its button with it: then to the page.
      const to = before?.isConnected ? before : document.getElementById('page')
      if (!(to instanceof HTMLElement)) return
      to.focus({ preventScroll: true })
      if (to.closest('[role="dialog"]')) focusBelow(to)
      setTimeout(focusPageIfLost, lostAfterMs)
    }
  }, [])
}

/** The list that the dialog changed is drawn anew a moment after it has closed. */
const lostAfterMs = 100

function focusPageIfLost(): void {
  if (document.activeElement === document.body) document.getElementById('page')?.focus({ preventScroll: true })
}

/** The dialog below is hidden until the next turn, and then takes the focus to its own beginning: after that. */
function focusBelow(to: HTMLElement): void {
  onItsWay = to
  setTimeout(() =>
    setTimeout(() => {
      if (onItsWay !== to) return
      onItsWay = null
      to.focus({ preventScroll: true })
    }),
  )
}
