/** Help on brokers. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const brokersHelp: HelpEntries = [
  {
    question: t`What is a broker here?`,
    answer: [
      t`A broker where the users, roles and trusted CAs of this console apply. The embedded one is part of Gatehouse and always there. You can add brokers that already run in your plant.`,
      t`Each change is written to all of them. After a change the console says what each one ended, and which one has not confirmed yet.`,
    ],
  },
  {
    question: t`Can another broker do the same as the embedded one?`,
    answer: [
      t`No. The page of each broker says what it enforces, what it enforces differently, and what it cannot enforce. Where it matters, such as when you revoke a certificate, the console says it again.`,
    ],
  },
  {
    question: t`What does the test do?`,
    answer: [
      t`It goes through each step of the connection and names the first one that fails. Then it connects as a client without credentials, and with a wrong password. A broker that admits one of them is open to anybody.`,
      t`The test of a broker that is not added yet writes nothing there.`,
    ],
  },
  {
    question: t`What does “behind” mean?`,
    answer: [
      t`Changes of access have numbers. A broker that was away applies them in their order when it is back. Until then it acts on the older state.`,
    ],
  },
  {
    question: t`What is an agent?`,
    answer: [
      t`A program beside a Mosquitto on another machine. It connects to Gatehouse, fetches users, rights, trusted CAs and CRLs, and applies them there. Messages never pass through it, and it runs no command of the console.`,
      t`It is enrolled once with a token from the page of its broker. While it is not connected, its Mosquitto keeps its state. The list of brokers then says that the agent is not connected.`,
    ],
  },
  {
    question: t`What happens when I remove a broker?`,
    answer: [
      t`It goes on running with the state that it has. Gatehouse writes nothing there any more, so a user who is disabled later keeps all rights on that broker.`,
    ],
  },
]
