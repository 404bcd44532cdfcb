/** Help on connections. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const connectionsHelp: HelpEntries = [
  {
    question: t`What does a connection show?`,
    answer: [
      t`The client as it is connected now: its user, client id, address, how it signed in, and when its certificate expires.`,
    ],
  },
  {
    question: t`How do I disconnect a client?`,
    answer: [
      t`Choose Disconnect in its menu. The client may connect again. To keep it out, disable its user or revoke its certificate.`,
    ],
  },
  {
    question: t`What is different for HTTP?`,
    answer: [
      t`An HTTP device has no client id and no subscriptions. Its requests and answers are counted in place of messages, and one device may have several connections.`,
    ],
  },
  {
    question: t`Why does a device appear twice?`,
    answer: [
      t`Each client id is a connection of its own. A second connection with the same client id ends the first one.`,
    ],
  },
]
