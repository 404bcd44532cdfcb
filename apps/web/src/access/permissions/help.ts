/** Help on permissions. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const permissionsHelp: HelpEntries = [
  {
    question: t`What does a topic filter allow?`,
    answer: [
      t`Publishing to or subscribing to topics. + stands for one level, # for all levels at the end: line-3/+/temp allows line-3/press-1/temp, and line-3/# allows everything below line-3.`,
      t`# does not include topics that begin with $, such as $SYS/#.`,
    ],
  },
  {
    question: t`May a device subscribe to more than it is allowed?`,
    answer: [
      t`A subscription to a wider filter than allowed is refused as a whole. Subscribe to exactly what is allowed, or to less.`,
    ],
  },
  {
    question: t`What does a path allow?`,
    answer: [
      t`Pages of the console and routes of the API: /api/users/# with Read lists and shows users, with Change it edits them. The field suggests the areas by name.`,
    ],
  },
  {
    question: t`Where do the permissions of a user come from?`,
    answer: [
      t`From roles and from direct permissions of the user. They add up; there is no permission that takes away. The tab Effective access of a user names the source of each.`,
    ],
  },
]
