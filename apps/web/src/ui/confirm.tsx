/** Asks before something is done. */
import { lazy, type ReactNode } from 'react'
import { defineModal } from './modals.tsx'
import { toastError } from './toast.tsx'

export interface Consequence {
  /** `null`: it could not be counted. */
  count: number | null
  /** What is counted, for this count: `live connections end`. It follows the number. */
  what: string
}

export interface Confirmation {
  title: string
  message?: ReactNode
  consequences?: readonly Consequence[]
  /** Sentences below the consequences. */
  notes?: readonly string[]
  /** What the button says. */
  action: string
  /** What the other one says: "Cancel". */
  decline?: string
  /** Harmless things get the ordinary button. */
  harmless?: true
  /** Must be typed before the button works: for what reaches far. */
  typeName?: string | undefined
  /** Asks for a reason, under this label; the button works when there is one. */
  reason?: string
  /** A checkbox with this label, checked at first. */
  option?: string
  run: (reason: string, isOptionChosen: boolean) => Promise<unknown>
}

/** Loaded when it is asked for. */
const Confirm = lazy(() => import('./confirm-dialog.tsx').then(({ ConfirmDialog: dialog }) => ({ default: dialog })))

const modal = defineModal<Confirmation, boolean>(Confirm, { whenClosed: false })

/** Asks, then runs. Answers whether it was done. */
export function confirm(confirmation: Confirmation): Promise<boolean> {
  return modal.open(confirmation)
}

/** Asks once the consequences have been looked up; when that fails, says so and asks nothing. Nor after Escape. */
export async function confirmWith(load: () => Promise<Confirmation>): Promise<boolean> {
  const escape = listenForEscape()
  try {
    const confirmation = await load()
    return escape.wasPressed() ? false : await modal.open(confirmation)
  } catch (error) {
    toastError(error)
    return false
  } finally {
    escape.end()
  }
}

function listenForEscape() {
  const ended = new AbortController()
  let isPressed = false
  const note = ({ key }: KeyboardEvent) => {
    if (key === 'Escape') isPressed = true
  }
  window.addEventListener('keydown', note, { signal: ended.signal })
  return { wasPressed: () => isPressed, end: () => ended.abort() }
}
