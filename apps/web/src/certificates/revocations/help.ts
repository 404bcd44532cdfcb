/** Help on revocations. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const revocationsHelp: HelpEntries = [
  {
    question: t`What does a revocation do?`,
    answer: [
      t`The broker refuses this one certificate at once, and ends its connections. It works for certificates of every trusted CA, without a CRL.`,
    ],
  },
  {
    question: t`I do not have the certificate.`,
    answer: [
      t`Name its CA and the serial number. The connection, the client certificates and the decisions link to it too.`,
    ],
  },
  {
    question: t`Can I undo it?`,
    answer: [t`Yes, with Undo revocation. The certificate is accepted again. Both are recorded.`],
  },
  {
    question: t`Revocation or CRL?`,
    answer: [
      t`A CRL comes from the CA and covers all of its certificates. A revocation here is yours, works at once, and stays when the CA is deleted and added again.`,
    ],
  },
]
