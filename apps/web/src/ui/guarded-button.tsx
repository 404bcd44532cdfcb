/** A button that, where it cannot be used, says why: disabled for the hand, but still reached by keyboard and reader. */
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
