/** Help on the Overview. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const overviewHelp: HelpEntries = [
  {
    question: t`What does this page show?`,
    answer: [
      t`What needs attention now, what expires next, and the activity of the broker and the console. You see only what your permissions allow.`,
    ],
  },
  {
    question: t`What do the first steps need?`,
    answer: [
      t`A device, a permission for its topics, and a certificate. The last step watches the broker and is done as soon as the device is connected. If the broker refuses it, the step links to the reason.`,
    ],
  },
  {
    question: t`Where do the numbers come from?`,
    answer: [t`The server counts in slots of ten minutes. The counts survive a restart.`],
  },
]
