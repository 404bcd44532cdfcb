/** Pauses a page that refreshes itself. */
import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'

interface PauseButtonProps {
  isPaused: boolean
  onChange: (isPaused: boolean) => void
}

export function PauseButton({ isPaused, onChange }: PauseButtonProps) {
  const Glyph = isPaused ? IconPlayerPlay : IconPlayerPause
  return (
    <Button variant="default" leftSection={<Glyph size={16} aria-hidden />} onClick={() => onChange(!isPaused)}>
      {isPaused ? t`Resume` : t`Pause`}
    </Button>
  )
}
