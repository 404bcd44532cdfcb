/** The list of keys. */

import { t } from '@lingui/core/macro'
import { Dialog, DialogBody } from '../ui/dialog.tsx'
import type { ModalProps } from '../ui/modals.tsx'
import { isMac } from './palette-host.tsx'
import classes from './shortcuts.module.css'

const keys: readonly (readonly [keys: string, does: string])[] = [
  [isMac ? '⌘ K' : 'Ctrl K', t`Go to a page, a user, a role or a CA`],
  ['/', t`Search in the list on this page`],
  ['Esc', t`Close the dialog or the menu`],
  ['?', t`Show this list`],
]

export function ShortcutsDialog({ settle }: ModalProps<void, void>) {
  return (
    <Dialog title={t`Keyboard shortcuts`} onClose={() => settle()}>
      <DialogBody>
        <dl className={classes['keys']}>
          {keys.map(([key, does]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </DialogBody>
    </Dialog>
  )
}
