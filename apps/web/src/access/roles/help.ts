/** Help on roles. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const rolesHelp: HelpEntries = [
  {
    question: t`What is a role?`,
    answer: [
      t`A named set of permissions for the console, the API and MQTT topics. Assign it to users. When you change it, the change applies to all of them at once, and the broker ends connections that are no longer allowed.`,
    ],
  },
  {
    question: t`Which roles are built in?`,
    answer: [
      t`gatehouse-admin may do everything. gatehouse-operator manages devices and people with fewer permissions. gatehouse-viewer reads everything. minimum-access reaches only the person’s own account. They cannot be changed or deleted.`,
    ],
  },
  {
    question: t`Why can I not give a permission?`,
    answer: [
      t`Nobody can give permissions that they do not hold, or change a user who has more permissions than they have.`,
    ],
  },
]

export const roleHelp: HelpEntries = [
  {
    question: t`How do I test a role?`,
    answer: [
      t`Edit the role and use the test below the permissions: type a topic or a path, and it says whether the role allows it, and by which permission.`,
    ],
  },
  {
    question: t`Who has this role?`,
    answer: [
      t`The page lists the users of the role. To give it to many users, select them in a list and choose Roles and tags.`,
    ],
  },
  {
    question: t`What happens when the role is deleted?`,
    answer: [
      t`Its users lose its permissions at once. Before that the console shows how many users and connections are affected.`,
    ],
  },
]
