/** Help on client certificates. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const clientCertificatesHelp: HelpEntries = [
  {
    question: t`Which certificates are listed?`,
    answer: [t`Those that were issued here, or, with Origin, those that other CAs issued and the broker has seen.`],
  },
  {
    question: t`How do I issue one?`,
    answer: [
      t`On the page of a device. The browser generates the key, and the key never leaves the browser. You can also paste a request (CSR) that the device has made.`,
    ],
  },
  {
    question: t`How do I renew one?`,
    answer: [
      t`Choose Renew in its menu. The old certificate stays valid until it expires or you revoke it, so the device can change at any time.`,
    ],
  },
  {
    question: t`A key was copied or lost.`,
    answer: [
      t`Revoke the certificate: its connections end at once, and the broker refuses it even though its CA is trusted.`,
    ],
  },
]
