/** A line for a shell: what it does, the line itself, and a button that copies it. */
import { t } from '@lingui/core/macro'
import classes from './command-line.module.css'
import { CopyButton } from './copy-button.tsx'

export function CommandLine({ label, line }: { label: string; line: string }) {
  return (
    <div className={classes['command']}>
      <div className={classes['label']}>{label}</div>
      <div className={classes['line']}>
        <code>{line}</code>
        <CopyButton value={line} label={t`Copy: ${label}`} />
      </div>
    </div>
  )
}
