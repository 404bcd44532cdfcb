/** Help on the own account. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../ui/help.tsx'

export const passwordHelp: HelpEntries = [
  {
    question: t`What makes a good password?`,
    answer: [
      t`Length. Use several words or a password manager. The rules of your organization are shown while you type.`,
    ],
  },
  {
    question: t`What ends when I change it?`,
    answer: [t`Your other sessions. Tokens end as well unless you keep them.`],
  },
]

export const mfaHelp: HelpEntries = [
  {
    question: t`How does MFA work?`,
    answer: [
      t`After the password you enter a code of an authenticator app on your phone. A stolen password alone is then not enough.`,
    ],
  },
  {
    question: t`What are backup codes for?`,
    answer: [
      t`For signing in without the phone. Each works once. Keep them apart from the phone, and generate new ones when few are left.`,
    ],
  },
  {
    question: t`I lost my phone.`,
    answer: [
      t`Sign in with a backup code and set up MFA again. Without backup codes, an administrator can disable MFA for you.`,
    ],
  },
]

export const sessionsHelp: HelpEntries = [
  {
    question: t`What is a session?`,
    answer: [
      t`A browser in which you are signed in. The session ends after a time without use, at the latest after a fixed time, or when you end it here.`,
    ],
  },
  {
    question: t`I do not recognize a session.`,
    answer: [t`End it, change your password, and check whether MFA is set up.`],
  },
]

export const tokensHelp: HelpEntries = [
  {
    question: t`What is a token for?`,
    answer: [
      t`For scripts and services that use the API. It is sent as Authorization: Bearer, and its secret is shown once.`,
    ],
  },
  {
    question: t`What may a token do?`,
    answer: [
      t`At most what you may do at that moment. Choose fewer permissions when you create it. It cannot change your account or make other tokens.`,
    ],
  },
  {
    question: t`A token was published by mistake.`,
    answer: [t`Revoke it: it stops working at once. Secret scanners find tokens by their beginning, gth_.`],
  },
]
