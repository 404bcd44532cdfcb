/** A button that, where it cannot be used, says why: disabled for the hand, but still reached by keyboard and reader. */
import { Button, type ButtonProps, Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'

interface GuardedButtonProps extends ButtonProps {
  /** The reason why not; undefined if it may be used. */
  whyNot: string | undefined
  onClick: () => void
  children: ReactNode
}

export function GuardedButton({ whyNot, onClick, children, ...button }: GuardedButtonProps) {
  return (
    <Tooltip
      label={whyNot}
      disabled={whyNot === undefined}
      events={{ hover: true, focus: true, touch: true }}
      multiline
      maw={320}
    >
      <Button
        {...button}
        {...(whyNot !== undefined && { 'data-disabled': true, 'aria-disabled': true })}
        onClick={whyNot === undefined ? onClick : undefined}
      >
        {children}
      </Button>
    </Tooltip>
  )
}
