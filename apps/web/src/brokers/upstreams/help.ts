/** Help on upstreams. */

import { t } from '@lingui/core/macro'
import type { HelpEntries } from '../../ui/help.tsx'

export const upstreamsHelp: HelpEntries = [
  {
    question: t`What is an upstream?`,
    answer: [
      t`An HTTP server behind Gatehouse. Devices connect to a listener with the protocol “HTTP for devices”, prove who they are by their certificates, and Gatehouse passes their requests on.`,
    ],
  },
  {
    question: t`Which requests may a device send?`,
    answer: [
      t`Those that its permissions under “HTTP edge” allow: a path such as /telemetry/press-1/#, to read (GET and HEAD) or to send (all other methods). Without a permission every request is refused.`,
    ],
  },
  {
    question: t`How does the upstream know the device?`,
    answer: [
      t`By the headers X-Gatehouse-User (the username, percent-encoded) and Client-Cert (the certificate, RFC 9440). A device cannot set them. The upstream must accept requests from Gatehouse only.`,
    ],
  },
  {
    question: t`Several upstreams on one listener?`,
    answer: [
      t`A listener without an upstream of its own serves all: the first part of the path names the upstream, and the upstream gets the rest. A listener with an upstream passes every path on as it is.`,
    ],
  },
]
