/**
 * The one host for dialogs that must not be in the URL: confirms, questions, and secrets that are shown once. `defineModal` names
 * the component, `open` shows it and resolves with the reply. It always resolves, also when the host goes away.
 */
import { type ComponentType, type ReactNode, useEffect } from 'react'
import { create } from 'zustand'
import { LateDialog } from './late-dialog.tsx'

/** `session`: the dialog ends with the session. `gate`: it stays over everything until it is closed. */
type Place = 'session' | 'gate'

export interface ModalProps<Question, Reply> {
  question: Question
  /** Closes the dialog. A promise: the reply is known later. */
  settle: (reply: Reply | Promise<Reply>) => void
}

interface ModalOptions<Reply> {
  /** The reply when the dialog is closed without an answer. */
  whenClosed: Reply
  place?: Place
  /** It closes when the person goes to another page. */
  closesWithPage?: boolean
  /** It shows a secret once: an early Escape, while its code is on the way, does not close it. */
  isShownOnce?: boolean
}

export interface Modal<Question, Reply> {
  open: (question: Question) => Promise<Reply>
}

interface OpenModal {
  id: number
  place: Place
  closesWithPage: boolean
  isShownOnce: boolean
  render: () => ReactNode
  close: () => void
}

const useModals = create<{ open: readonly OpenModal[] }>(() => ({ open: [] }))
const hosts: Record<Place, number> = { session: 0, gate: 0 }
let lastId = 0

/** `Shown` may be lazy: its code is loaded when the dialog is first opened. */
export function defineModal<Question, Reply>(
  Shown: ComponentType<ModalProps<Question, Reply>>,
  { whenClosed, place = 'session', closesWithPage = false, isShownOnce = false }: ModalOptions<Reply>,
): Modal<Question, Reply> {
  return {
    open: (question) =>
      new Promise((resolve) => {
        if (hosts[place] === 0) return resolve(whenClosed)
        const id = ++lastId
        const settle = (reply: Reply | Promise<Reply>) => {
          useModals.setState(({ open }) => ({ open: open.filter((other) => other.id !== id) }))
          resolve(reply)
        }
        const render = () => <Shown question={question} settle={settle} />
        const modal = { id, place, closesWithPage, isShownOnce, render, close: () => settle(whenClosed) }
        useModals.setState(({ open }) => ({ open: [...open, modal] }))
      }),
  }
}

export function ModalHost({ place }: { place: Place }) {
  const open = useModals((modals) => modals.open)
  // Synchronises with the store: what is open closes with its host, so that every promise settles.
  useEffect(() => {
    hosts[place] += 1
    return () => {
      hosts[place] -= 1
      closeAll((modal) => modal.place === place)
    }
  }, [place])
  return open
    .filter((modal) => modal.place === place)
    .map(({ id, isShownOnce, close, render }) => (
      <LateDialog key={id} onClose={isShownOnce ? null : close}>
        {render()}
      </LateDialog>
    ))
}

/** Closes the dialogs that belong to the page which was left. */
export function closePageModals(): void {
  closeAll(({ closesWithPage }) => closesWithPage)
}

function closeAll(which: (modal: OpenModal) => boolean): void {
  for (const modal of useModals.getState().open.filter(which)) modal.close()
}
