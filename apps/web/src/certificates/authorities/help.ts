/** Help on authorities. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const authoritiesHelp: HelpEntries = [
  {
    question: t`What is an authority?`,
    answer: [
      t`A certificate authority (CA) signs the certificates of devices. A device with a certificate of a trusted CA can connect if a user with the Common Name as username exists and may sign in with a certificate.`,
    ],
  },
  {
    question: t`Which certificate do I upload?`,
    answer: [
      t`The one that signed the certificates of the devices: PEM, DER or PKCS#7, also several in one file. You review it before it is trusted. A certificate of a device is not a CA.`,
    ],
  },
  {
    question: t`How do I replace a CA without downtime?`,
    answer: [
      t`Upload the new CA beside the old one. Both are trusted while the devices get new certificates. Delete the old one when its page shows no connections and no users.`,
    ],
  },
  {
    question: t`What happens when I delete a CA?`,
    answer: [
      t`Connections with its certificates end at once. The console shows before how many connections end and which users lose access.`,
    ],
  },
]

export const authorityHelp: HelpEntries = [
  {
    question: t`Whom does this CA admit?`,
    answer: [
      t`Devices whose certificate it signed, directly or through an intermediate CA, and whose username it is allowed to sign in.`,
    ],
  },
  {
    question: t`What is the CRL for?`,
    answer: [
      t`A CRL of the CA names the certificates that it has revoked. Upload it here; a newer one replaces it. To refuse a single certificate without a CRL, revoke it under Revocations.`,
    ],
  },
  {
    question: t`What does the chain show?`,
    answer: [t`The CAs in the trust store that signed this one, and those that it signed.`],
  },
]

export const allowedUsernamesHelp: HelpEntries = [
  {
    question: t`What do allowed usernames limit?`,
    answer: [
      t`The usernames that certificates of this CA can sign in as. A CA for line 3 with line-3-* can never sign in a device of line 4, even if it signs a certificate with that name.`,
    ],
  },
  {
    question: t`How do I write them?`,
    answer: [
      t`One name or pattern each; * matches any characters. Separate several by a space or a comma. An empty field allows any username.`,
    ],
  },
  {
    question: t`What happens when I narrow them?`,
    answer: [t`Connections outside the new limit end when you save. The dialog says how many.`],
  },
]
