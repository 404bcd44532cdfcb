/** Help on the import of users. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const importHelp: HelpEntries = [
  {
    question: t`What must the file look like?`,
    answer: [
      t`CSV with a first line that names the columns: username, displayName, kind, grantTypes, roles, mqttPublishPrefix, tags, password. Only username is required, and the order does not matter. The Export of a list has this form.`,
    ],
  },
  {
    question: t`How do I write several roles or tags?`,
    answer: [t`In one cell, separated by |, such as line-3-reader|operator.`],
  },
  {
    question: t`What happens to rows with errors?`,
    answer: [
      t`The preview shows each error with its line before anything is imported. The other rows can be imported, and the skipped ones downloaded and corrected.`,
    ],
  },
  {
    question: t`Can I close the page in the meantime?`,
    answer: [
      t`No, the import stops then. Users that were imported stay. Import the same file again: their usernames are reported as taken, and you can skip them.`,
    ],
  },
]
