/** Help on people and devices. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const usersHelp: HelpEntries = [
  {
    question: t`People or devices?`,
    answer: [
      t`A person signs in to the console. A device or a service connects to the broker. Both are users with a username, sign-in methods, roles and permissions.`,
    ],
  },
  {
    question: t`How do I add a device with a certificate?`,
    answer: [
      t`Add device with the Common Name of its certificate as username. Then upload the CA of the certificate under Authorities, or issue a certificate on the page of the device.`,
    ],
  },
  {
    question: t`How do I change many at once?`,
    answer: [
      t`Select rows, or all that match the filter, and choose an action: roles and tags, enable, disable, delete. The console says what ends before you confirm. Import adds many users from a CSV file.`,
    ],
  },
  {
    question: t`What are tags for?`,
    answer: [t`To find and change devices together, such as hall-3 or pilot. A tag gives no permission.`],
  },
  {
    question: t`Why was a device refused?`,
    answer: [
      t`Open the device: the reason of its last refusal is at the top, and Decisions has the others. Each names what to change.`,
    ],
  },
]

export const userHelp: HelpEntries = [
  {
    question: t`What is on this page?`,
    answer: [
      t`What needs attention, the certificates of any origin, the effective permissions with their source, the decisions of the broker, live connections, sessions and tokens. You see the parts that your permissions allow.`,
    ],
  },
  {
    question: t`A device is lost or stolen. What do I do?`,
    answer: [
      t`Disable it: its connections end at once, and it is refused until you enable it. Revoke its certificate as well if the key may have been copied.`,
    ],
  },
  {
    question: t`A person lost the phone with the MFA app.`,
    answer: [
      t`Choose Lost phone: disable MFA in the menu. Give a reason; it is recorded. The person sets up MFA again at the next sign-in if it is required.`,
    ],
  },
  {
    question: t`Why can I not edit this user?`,
    answer: [
      t`You can change a user only if you hold all permissions of that user. Another administrator can change your own account.`,
    ],
  },
]

export const grantsHelp: HelpEntries = [
  {
    question: t`Which methods are there?`,
    answer: [
      t`Password: for the console and for MQTT. Certificate: for MQTT over TLS; the Common Name must be the username. Token: for scripts that use the API.`,
    ],
  },
  {
    question: t`What does required mean?`,
    answer: [
      t`Without it, any one of the methods is enough. A required method must be part of every MQTT connection: with Password and Certificate required, the client sends both in the same connection.`,
    ],
  },
  {
    question: t`What happens when I turn a method off?`,
    answer: [t`Connections that were admitted by it end at once. The dialog says how many.`],
  },
]

export const prefixHelp: HelpEntries = [
  {
    question: t`What does the prefix do?`,
    answer: [
      t`The broker puts it before every topic that this client publishes to. With the prefix line-3/press-1/, a message to temp is published to line-3/press-1/temp.`,
    ],
  },
  {
    question: t`Does it change subscriptions?`,
    answer: [t`No. Subscriptions name the whole topic. Permissions apply to the topic with the prefix.`],
  },
  {
    question: t`When do I need it?`,
    answer: [t`For devices whose topics cannot be configured, and to keep each device below a topic of its own.`],
  },
]
