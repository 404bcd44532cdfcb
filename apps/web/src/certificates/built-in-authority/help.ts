/** Help on the built-in CA. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const builtInHelp: HelpEntries = [
  {
    question: t`What does the built-in CA sign?`,
    answer: [
      t`The certificate of this server, and the client certificates that you issue here. It was generated at the first start, and its key never leaves the server.`,
    ],
  },
  {
    question: t`What do clients need?`,
    answer: [t`Its certificate, as --cafile or as a trusted CA, so that they can verify this server.`],
  },
  {
    question: t`Can I use the CA of our company?`,
    answer: [
      t`Yes. Replace it by an intermediate CA with its key. Clients that trust the root of your company then trust this server.`,
    ],
  },
  {
    question: t`What happens to certificates issued before?`,
    answer: [t`They stay valid as long as the previous CA is trusted. It stays in the list of authorities.`],
  },
]
