/** How the fields of a long form are arranged. */
import type { ReactNode } from 'react'
import classes from './field-group.module.css'

interface FieldGroupProps {
  title: ReactNode
  children: ReactNode
}

/** Fields that belong together, below their own heading. */
export function FieldGroup({ title, children }: FieldGroupProps) {
  return (
    <fieldset className={classes['group']}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  )
}

interface FieldRowProps {
  /** The inputs stand on one line, also where a description needs two. */
  isLevel?: boolean
  children: ReactNode
}

/** Two columns of fields; one on a phone. */
export function FieldRow({ isLevel = false, children }: FieldRowProps) {
  return (
    <div className={classes['row']} data-level={isLevel || undefined}>
      {children}
    </div>
  )
}

/** `classNames` of an input for what a machine reads: an address, an attribute, a filter. */
export const machineInput = { input: classes['machine'] ?? '' }

/** `inputWrapperOrder` of a field beside others that have their description above the input. */
export const descriptionFirst: ('label' | 'description' | 'input' | 'error')[] = [
  'label',
  'description',
  'input',
  'error',
]
