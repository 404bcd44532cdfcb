/** Six boxes for a code of the authenticator app: they take a paste or the system's suggestion, and submit themselves. */
import { t } from '@lingui/core/macro'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import './code-field-styles.css'
import { PinInput } from '@mantine/core'
import { useId } from 'react'
import classes from './code-field.module.css'

const codeLength = 6

interface CodeFieldProps {
  label: string
  value: string
  hasError: boolean
  /** Nothing can be typed now; the focus stays where it is. */
  isHeld: boolean
  onChange: (value: string) => void
  onFull: (code: string) => void
}

export function CodeField({ label, value, hasError, isHeld, onChange, onFull }: CodeFieldProps) {
  const id = useId()

  // Mantine does not call `onComplete` when a code is pasted after the field was cleared.
  function change(next: string): void {
    onChange(next)
    if (next.length === codeLength) onFull(next)
  }

  return (
    <div>
      <div id={id} className={classes['label']}>
        {label}
      </div>
      <PinInput
        aria-labelledby={id}
        length={codeLength}
        type="number"
        inputMode="numeric"
        size="md"
        gap={8}
        placeholder=""
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the boxes are why the page or the dialog is there
        autoFocus
        value={value}
        error={hasError}
        readOnly={isHeld}
        onChange={change}
        getInputProps={(at) => ({
          'aria-label': t`Digit ${at + 1} of ${codeLength}`,
          ...(at === 0 && { 'data-autofocus': true }),
        })}
      />
    </div>
  )
}
