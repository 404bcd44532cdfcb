import { Tooltip as MantineTooltip } from '@mantine/core'
import type { HintProps } from './hint.tsx'

export function Tooltip({ label, children }: HintProps) {
  return (
    <MantineTooltip label={label} events={{ hover: true, focus: true, touch: true }} multiline maw={320} withArrow>
      {children}
    </MantineTooltip>
  )
}
