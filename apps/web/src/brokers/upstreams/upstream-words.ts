/** The texts about upstreams. */

import type { Upstream, UpstreamTestStep } from '@gatehouse/contract/brokers/upstreams'
import { t } from '@lingui/core/macro'

export const kindWords: Record<Upstream['kind'], string> = {
  generic: t`Any HTTP server`,
  mender: t`Mender server`,
}

export const authenticationWords: Record<Upstream['authentication'], string> = {
  none: t`None`,
  basic: t`Username and password`,
  bearer: t`Token`,
}

const stepWords: Record<UpstreamTestStep['step'], string> = {
  address: t`Find the address`,
  tcp: t`Open a connection`,
  tls: t`Check the certificate of the upstream`,
  answer: t`Get an answer`,
  credentials: t`Sign in`,
}

/** `detail` stands behind the sentence. */
const problemWords: Record<NonNullable<UpstreamTestStep['problem']>, string> = {
  not_resolved: t`The name of the server is not known.`,
  address_not_allowed: t`Gatehouse does not connect to this address: it is link-local, or no address of a server.`,
  not_reachable: t`Nothing accepts connections there.`,
  timed_out: t`There was no answer in time.`,
  certificate_not_trusted: t`The certificate is not signed by a CA that is trusted for this upstream. Check “Own CAs”.`,
  certificate_wrong_name: t`The certificate is for another name than the one in the address.`,
  certificate_expired: t`The certificate has expired, or is not valid yet.`,
  tls_failed: t`The server does not speak TLS there, or refuses the connection.`,
  wrong_answer: t`The server answered something unexpected. Is it a server of this kind?`,
  credentials_refused: t`The server refuses the username, the password or the token.`,
}

export function shownStep({ step, outcome, problem, detail }: UpstreamTestStep) {
  const sentence = problem === null ? foundWords[outcome] : problemWords[problem]
  return { name: stepWords[step], outcome, found: detail === null ? sentence : `${sentence} (${detail})` }
}

const foundWords: Record<UpstreamTestStep['outcome'], string> = {
  passed: t`Works.`,
  failed: t`Failed.`,
  skipped: t`Not tested.`,
}
