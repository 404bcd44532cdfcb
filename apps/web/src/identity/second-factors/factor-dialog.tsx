/** A dialog that asks for the second factor before something is done. */

import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { Dialog, DialogBody, DialogFoot, type DialogProps } from '../../ui/dialog.tsx'
import { useFactorEntry } from './factor-entry.ts'
import { FactorFields } from './factor-fields.tsx'

interface FactorDialogProps<T> extends Pick<DialogProps, 'title' | 'subtitle' | 'width'> {
  /** What the button says. */
  action: string
  isDangerous?: boolean
  takesBackupCode?: boolean
  /** Above the boxes. */
  label?: string
  wrongCodeAdvice?: string
  prove: (proof: FactorProof) => Promise<T>
  onDone: (answer: T) => void
  onClose: () => void
  /** What stands around the fields. */
  children: (fields: ReactNode) => ReactNode
}

export function FactorDialog<T>(props: FactorDialogProps<T>) {
  const { action, isDangerous = false, takesBackupCode = false, prove, onDone, onClose, children } = props
  const { title, subtitle, width = 'narrow', label, wrongCodeAdvice } = props
  const id = useId()
  const entry = useFactorEntry({ prove, onDone })
  return (
    <Dialog
      title={title}
      subtitle={subtitle}
      width={width}
      onClose={onClose}
      footer={
        <DialogFoot>
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            type="submit"
            form={id}
            loading={entry.isPending}
            disabled={!entry.mayBeSent && !entry.isPending}
            {...(isDangerous && { color: 'red.8' })}
          >
            {action}
          </Button>
        </DialogFoot>
      }
    >
      <form
        id={id}
        onSubmit={(event) => {
          event.preventDefault()
          entry.send(entry.typed)
        }}
      >
        <DialogBody>
          {children(
            <FactorFields
              entry={entry}
              takesBackupCode={takesBackupCode}
              {...(label && { label })}
              wrongCodeAdvice={wrongCodeAdvice}
            />,
          )}
        </DialogBody>
      </form>
    </Dialog>
  )
}
