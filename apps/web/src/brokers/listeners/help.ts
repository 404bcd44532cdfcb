/** Help on listeners. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const listenersHelp: HelpEntries = [
  {
    question: t`What is a listener?`,
    answer: [
      t`An address and a port where clients connect, with the rules for them: TLS, client certificates, and the CAs that it trusts. Changes apply at once, without a restart.`,
    ],
  },
  {
    question: t`How do I admit only the devices of one CA on a port?`,
    answer: [
      t`Add a listener, choose “Only chosen ones” under “Trusted CAs”, and choose the CA. If that CA is deleted later, the listener trusts one less. It never trusts all because of that.`,
    ],
  },
  {
    question: t`Which connections end when I change a listener?`,
    answer: [
      t`Those that the new settings do not admit. All of them end if the protocol, TLS, a higher TLS version or the PROXY protocol changes, or when the listener is deleted. Connections of other listeners stay.`,
    ],
  },
  {
    question: t`Why does a setting not apply?`,
    answer: [
      t`GATEHOUSE_MQTT_HOST, GATEHOUSE_MQTT_PORT, GATEHOUSE_MQTTS_PORT and GATEHOUSE_MQTTS_CLIENT_CERTIFICATE replace the stored settings of the two default listeners as long as they are set. The listener names the variable.`,
    ],
  },
  {
    question: t`A listener is not open.`,
    answer: [
      t`Its state says why. The broker tries again every few seconds, so a listener opens by itself when another program gives its port back.`,
    ],
  },
]

export const identityHelp: HelpEntries = [
  {
    question: t`What names the user?`,
    answer: [
      t`With “Common Name of the certificate”, the certificate alone signs in. A client without one needs a username and a password, if certificates are only accepted.`,
      t`With “Username and password”, each client sends a username and a password. The certificate is checked besides: any that the listener trusts will do, also one that many devices share.`,
    ],
  },
]

export const proxyHelp: HelpEntries = [
  {
    question: t`What is the PROXY protocol for?`,
    answer: [
      t`A load balancer such as HAProxy opens the connection in place of the client. With the PROXY protocol it sends the client’s address first, so Connections and Decisions show that address.`,
      t`The listener then accepts connections from the named addresses only, and only with that header: otherwise any client could claim any address.`,
    ],
  },
]
