/** Help on MQTT sessions. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const mqttSessionsHelp: HelpEntries = [
  {
    question: t`What is an MQTT session?`,
    answer: [
      t`What the broker keeps for a client id: its subscriptions and the messages that wait for it, also while it is disconnected.`,
    ],
  },
  {
    question: t`Why is a client id refused?`,
    answer: [
      t`A client id belongs to the user of its session. Another user cannot take it. Delete the session to free the client id.`,
    ],
  },
  {
    question: t`What happens when I delete a session?`,
    answer: [
      t`Its connection ends, and waiting messages are lost. The client can connect again and begins with an empty session.`,
    ],
  },
]
