/** Help: a button beside the title of a page, or a link below a field, opens it in a dialog. What is typed meanwhile stays. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon } from '@mantine/core'
import { IconHelp } from '@tabler/icons-react'
import { lazy } from 'react'
import classes from './help.module.css'
import { defineModal } from './modals.tsx'

interface HelpEntry {
  question: string
  /** One paragraph each. */
  answer: readonly string[]
}

export type HelpEntries = readonly HelpEntry[]

/** Written beside the feature, in a file that is loaded when the help is opened. */
export type LoadHelp = () => Promise<HelpEntries>

export interface OpenedHelp {
  /** The page or the field. */
  about: string
  entries: Promise<HelpEntries>
}

const HelpDialog = lazy(() => import('./help-dialog.tsx').then(({ HelpDialog: dialog }) => ({ default: dialog })))

const helpDialog = defineModal<OpenedHelp, void>(HelpDialog, { whenClosed: undefined, closesWithPage: true })

interface HelpProps {
  about: string
  load: LoadHelp
}

export function HelpButton({ about, load }: HelpProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={t`Help`}
      onClick={() => void helpDialog.open({ about, entries: load() })}
    >
      <IconHelp size={18} aria-hidden />
    </ActionIcon>
  )
}

/** Within the description of a field. */
export function HelpLink({ about, load }: HelpProps) {
  return (
    <button type="button" className={classes['link']} onClick={() => void helpDialog.open({ about, entries: load() })}>
      <Trans>Learn more</Trans>
    </button>
  )
}
