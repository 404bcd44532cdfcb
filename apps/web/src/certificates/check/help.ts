/** Help on the check of a certificate. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const checkHelp: HelpEntries = [
  {
    question: t`What does the check do?`,
    answer: [
      t`It runs the same checks as the broker, in the same order, and names the first that fails. Nothing is connected or changed.`,
    ],
  },
  {
    question: t`What do I upload?`,
    answer: [
      t`The certificate of the device, with its intermediate CAs if it has some. Never a private key: it is refused and not stored.`,
    ],
  },
  {
    question: t`Why do listeners answer differently?`,
    answer: [
      t`Each listener has its own list of trusted CAs and its own rules. Below the checks you see what each would do, and “Show checks” shows where another one stops.`,
    ],
  },
  {
    question: t`The check passes, but the device cannot connect.`,
    answer: [
      t`Then the device does not send this certificate, or it does not trust this server. Look at Decisions: a failed handshake is listed there.`,
    ],
  },
]
