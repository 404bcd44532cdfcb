/** Help on the hand-over to Kubernetes. */
import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const handOverHelp: HelpEntries = [
  {
    question: t`What do I do with these texts?`,
    answer: [
      t`Choose the platform and type the names in your cluster. Run the commands of “First time” once. After the trust store has changed, run those of “Replace”. Then choose “Mark as applied”, so that the console can say how old the secret is.`,
    ],
  },
  {
    question: t`Where is the private key of the server?`,
    answer: [t`In the file server.key beside you. The console never shows it, and the command reads the file.`],
  },
  {
    question: t`Why does “Replace” not use kubectl apply?`,
    answer: [
      t`kubectl apply keeps the files of a secret that was made with kubectl create. A CA that you removed would stay trusted. kubectl replace stores exactly what is given.`,
    ],
  },
  {
    question: t`Why is a CA left out?`,
    answer: [
      t`Mosquitto accepts any username from a CA that it trusts. A CA that is limited to usernames here would not be limited there, so it is left out.`,
    ],
  },
]
