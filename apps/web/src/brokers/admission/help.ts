/** Help on admission rules. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const admissionHelp: HelpEntries = [
  {
    question: t`What does an admission rule do?`,
    answer: [
      t`Without a rule, the broker refuses a device whose user does not exist. A rule names a CA, usernames and roles. When an unknown device connects with a certificate of this CA and a matching Common Name, the embedded broker creates its user with these roles and the sign-in method Certificate, and admits it.`,
      t`Each admission is in the audit (“Device admitted by a rule”) and in Decisions, and the overview counts them.`,
    ],
  },
  {
    question: t`In which order does the broker decide?`,
    answer: [
      t`First the certificate, then the name. If the name is denied, the device is refused. Otherwise the first rule that fits and can admit decides, in the order of the list. If none fits, the device is refused as before.`,
    ],
  },
  {
    question: t`Why does a rule admit nobody?`,
    answer: [
      t`Its state says why. It may have reached its limit, a role may have been deleted or may have permissions in the console, or the responsible person may have lost a permission that the rule gives. Someone who has all of them can save the rule again and becomes responsible for it.`,
    ],
  },
  {
    question: t`Which CA do I choose?`,
    answer: [
      t`The one that “Unknown devices seen” and Decisions name for the device. If you trust a root CA and its intermediate, a certificate leads to the intermediate.`,
    ],
  },
  {
    question: t`A deleted device must not come back by itself.`,
    answer: [
      t`It does not: the names of deleted users are remembered under “Denied names”, and you can deny further names there. A denied device connects again after someone adds it as a device, or allows its name again and a rule fits.`,
    ],
  },
  {
    question: t`Do rules hold on other brokers?`,
    answer: [
      t`No. Only the embedded broker asks the rules. Another broker knows the users that exist, so it admits the device after the embedded broker has admitted it once, or after someone has added it.`,
    ],
  },
]

export const patternHelp: HelpEntries = [
  {
    question: t`Which names does a pattern match?`,
    answer: [
      t`* stands for any characters, also none; everything else stands for itself. Capital letters count. press-* matches press-1 and press-hall-2, but not Press-1.`,
      t`A name that differs from an existing user only in capital letters is never admitted.`,
    ],
  },
]
