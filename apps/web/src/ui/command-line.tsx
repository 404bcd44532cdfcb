/** A line for a shell: what it does, the line itself, and a button that copies it. */
import classes from './command-line.module.css'
import { CopyButton } from './copy-button.tsx'

export function CommandLine({ label, line }: { label: string; line: string }) {
  return (
    <div className={classes['command']}>
      <div className={classes['label']}>{label}</div>
      <div className={classes['line']}>
        <code>{line}</code>
        <CopyButton value={line} label={`Copy: ${label}`} />
      </div>
    </div>
  )
}
