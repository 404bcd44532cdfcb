/** Help on retained messages. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const retainedHelp: HelpEntries = [
  {
    question: t`What is a retained message?`,
    answer: [
      t`A message that a client published with the RETAIN flag. The broker keeps the last one of each topic and sends it to every new subscriber.`,
    ],
  },
  {
    question: t`What happens when I delete one?`,
    answer: [
      t`New subscribers do not receive it. Clients that have received it already do not notice. The next retained message on the topic is kept as before.`,
    ],
  },
  {
    question: t`Why can I not open a message?`,
    answer: [
      t`Payloads may be secret, so reading them needs a permission of its own: read on /api/broker/retained/message. Of the built-in roles only gatehouse-admin has it.`,
    ],
  },
]
