/** Help on decisions. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const decisionsHelp: HelpEntries = [
  {
    question: t`What is a decision?`,
    answer: [
      t`Each time the broker admits, refuses or disconnects a client, or refuses a message or a subscription, with the reason. A refusal names what to change and links to it.`,
    ],
  },
  {
    question: t`Live or History?`,
    answer: [
      t`Live shows the latest 1,000 as they happen. History keeps them for days, 14 by default, with filters, a range of days and a file. Equal decisions within an hour are one entry with a count.`,
    ],
  },
  {
    question: t`A device tries to connect and is not listed.`,
    answer: [
      t`It does not reach the broker: check address, port and firewall. If its TLS handshake fails, the decision has an address and no username.`,
    ],
  },
  {
    question: t`What is not stored?`,
    answer: [t`Unknown usernames are stored by their length only, because people type passwords there.`],
  },
]
