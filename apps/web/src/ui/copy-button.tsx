import { t } from '@lingui/core/macro'
import { ActionIcon, CopyButton as Clipboard } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { Hint } from './hint.tsx'

/** `label` says what is copied: "Copy fingerprint". */
export function CopyButton({ value, label }: { value: string; label: string }) {
  return (
    <Clipboard value={value} timeout={2_000}>
      {({ copied, copy }) => (
        <Hint label={copied ? t`Copied` : label}>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} onClick={copy}>
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          </ActionIcon>
        </Hint>
      )}
    </Clipboard>
  )
}
