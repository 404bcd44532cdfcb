/** Help on the audit. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const auditHelp: HelpEntries = [
  {
    question: t`What is recorded?`,
    answer: [
      t`Every change by a person, a token or the server: who, when, from which address, and the values before and after. Passwords, keys and tokens are never recorded.`,
      t`A change and its entry are written together: there is no change without an entry.`,
    ],
  },
  {
    question: t`Can entries be changed or deleted?`,
    answer: [
      t`No. The database refuses it. Old entries are deleted only if Policies set a time of at least 30 days, and that is recorded too.`,
    ],
  },
  {
    question: t`How do I find who changed something last week?`,
    answer: [
      t`Choose a range of days, and an action or a user. Open an entry to see what changed; from there you reach all entries about the same thing or by the same user.`,
    ],
  },
  {
    question: t`How do I keep entries elsewhere?`,
    answer: [t`Export writes all matching entries as CSV or JSON lines. The export is recorded.`],
  },
]
