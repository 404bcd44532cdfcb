import { t } from '@lingui/core/macro'
import { use } from 'react'
import { Dialog, DialogBody } from './dialog.tsx'
import type { OpenedHelp } from './help.tsx'
import classes from './help-dialog.module.css'
import type { ModalProps } from './modals.tsx'

export function HelpDialog({ question: { about, entries }, settle }: ModalProps<OpenedHelp, void>) {
  return (
    <Dialog title={t`Help: ${about}`} width="wide" onClose={() => settle()}>
      <DialogBody>
        {use(entries).map(({ question, answer }) => (
          <section key={question} className={classes['entry']}>
            <h3>{question}</h3>
            {answer.map((paragraph) => (
              <p key={paragraph}>{paragraph}</p>
            ))}
          </section>
        ))}
      </DialogBody>
    </Dialog>
  )
}
