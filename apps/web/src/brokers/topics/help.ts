/** Help on the live view of topics. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const topicsHelp: HelpEntries = [
  {
    question: t`What do I see here?`,
    answer: [
      t`All topics that match the filter: those with a retained message at once, the others when a message is published. You see only what your MQTT permissions allow you to read.`,
      t`The page is updated twice a second. The last payload of a topic is always the newest; the messages between two updates are counted, not shown.`,
    ],
  },
  {
    question: t`Why is a payload cut off?`,
    answer: [
      t`The broker keeps the first 4 KiB of the last payload of each topic that is watched. Retained messages are kept whole, and can be shown and downloaded whole.`,
    ],
  },
  {
    question: t`Who sees that I publish a message?`,
    answer: [t`Each publication and each deletion is in the audit, with the topic and the size, without the payload.`],
  },
]
