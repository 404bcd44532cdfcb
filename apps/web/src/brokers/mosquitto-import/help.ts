/** Help on the import from Mosquitto. */
import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const mosquittoImportHelp: HelpEntries = [
  {
    question: t`Which files are needed?`,
    answer: [
      t`Choose the whole folder if you can, usually /etc/mosquitto: mosquitto.conf says which of the files count. Without it, each file counts as what it looks like.`,
    ],
  },
  {
    question: t`Can users keep their passwords?`,
    answer: [
      t`Yes, on MQTT. The server stores a slow hash of the old hash. The first sign-in of each user replaces it, and from then on the password works in the console too.`,
    ],
  },
  {
    question: t`What does “Not imported” mean?`,
    answer: [
      t`Permissions here only allow. A line that denies a part of an allowed topic, or that depends on the client id, cannot be expressed. It is left out, so that nobody may do more than before. If only a part of a topic is denied, you can choose to allow the whole.`,
    ],
  },
  {
    question: t`Where do the roles come from?`,
    answer: [
      t`Roles of dynamic security stay roles. Users with the same lines in an acl_file share a role, named after them.`,
    ],
  },
  {
    question: t`What happens if something fails?`,
    answer: [
      t`Nothing is imported. Everything is written at once, or not at all. You can import the same files again: users that exist stay as they are.`,
    ],
  },
]
