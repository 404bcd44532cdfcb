/** Help on the policies. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const policiesHelp: HelpEntries = [
  {
    question: t`Who can change policies?`,
    answer: [
      t`Only an administrator: it takes all permissions of the role gatehouse-admin. A change that weakens a policy is recorded as Policies weakened.`,
    ],
  },
  {
    question: t`When does a change apply?`,
    answer: [
      t`At once. A shorter session ends sessions that are over the new limit at their next request. Rules for passwords apply to new passwords only.`,
    ],
  },
  {
    question: t`What happens when MFA becomes required?`,
    answer: [
      t`Users who have not set it up must do so at their next request before they can continue, including you. Users without a password are not affected.`,
    ],
  },
  {
    question: t`How do the waits after wrong passwords work?`,
    answer: [
      t`Wrong attempts are counted for each user and address. After the free attempts the user has to wait, and each further wrong attempt doubles the wait up to the longest one. A blocked attempt does not make the wait longer.`,
    ],
  },
]

export const expiredCrlsHelp: HelpEntries = [
  {
    question: t`When has a CRL expired?`,
    answer: [
      t`When the time of its next update has passed and no newer CRL of this CA was uploaded. Certificates that were revoked since then are unknown here.`,
    ],
  },
  {
    question: t`Warn, or refuse its clients?`,
    answer: [
      t`Warn keeps the devices connected, and the Overview reminds you to upload a newer CRL. Refuse ends the connections of the CA and refuses its clients until a newer CRL is there. Choose it only if your CA publishes CRLs reliably.`,
    ],
  },
]
