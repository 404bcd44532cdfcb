/** Help on identity providers. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const providersHelp: HelpEntries = [
  {
    question: t`Which identity providers can I use?`,
    answer: [
      t`A directory (LDAP), such as Active Directory or OpenLDAP: people type their company password on the sign-in page of Gatehouse. OpenID Connect, such as Entra ID or Keycloak: the sign-in page has a button that leads to the provider.`,
    ],
  },
  {
    question: t`How do people get their users and roles?`,
    answer: [
      t`The user is created at the first sign-in. Role mappings say which group gives which role. The roles follow the groups: at each sign-in, and for a directory also at each check for changes.`,
      t`You can assign further roles by hand. They stay when the groups change. A mapped role cannot be removed by hand.`,
    ],
  },
  {
    question: t`What if a user with the same name already exists?`,
    answer: [
      t`The accounts are never merged by a name or an e-mail address: the sign-in is refused. Link the identity on the page of the user, or ask the person to link it under Password.`,
    ],
  },
  {
    question: t`What happens when a person leaves the company?`,
    answer: [
      t`A directory: the user is disabled at the next check for changes, and all connections, sessions and tokens end. OpenID Connect, and a directory without a service account: sessions, tokens and MQTT passwords end when the last sign-in is older than the days in the settings. Disable the user to end them now.`,
    ],
  },
  {
    question: t`What happens when I disable a provider?`,
    answer: [
      t`All users who come from it are refused, and their sessions, tokens and connections end. Certificates go on only if you choose that. The users stay as they are, so enabling the provider is enough to let them sign in again.`,
    ],
  },
  {
    question: t`The provider is down. Who can still sign in?`,
    answer: [
      t`Local users with their passwords. The last administrator is always a local user, so that nobody is locked out.`,
    ],
  },
]
