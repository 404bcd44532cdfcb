/** A button that says why it is disabled. The keyboard and screen readers can still reach it. */
import { Button, type ButtonProps } from '@mantine/core'
import type { ReactNode } from 'react'
import { Hint } from './hint.tsx'

interface GuardedButtonProps extends ButtonProps {
  /** The reason why not; undefined if it may be used. */
  whyNot: string | undefined
  onClick: () => void
  children: ReactNode
}

export function GuardedButton({ whyNot, onClick, children, ...button }: GuardedButtonProps) {
  if (whyNot === undefined)
    return (
      <Button {...button} onClick={onClick}>
        {children}
      </Button>
    )
  return (
    <Hint label={whyNot}>
      <Button {...button} data-disabled aria-disabled>
        {children}
      </Button>
    </Hint>
  )
}
