/** Brokers, their state and the steps of a test in words. */

import type { StoredBroker } from '@gatehouse/contract/brokers/brokers'
import type { BrokerProblem, TestStep } from '@gatehouse/contract/brokers/inventory'
import { plural, t } from '@lingui/core/macro'
import type { Status } from '../../ui/badges.tsx'

export const kindWords: Record<StoredBroker['kind'], string> = {
  embedded: t`Part of Gatehouse`,
  mosquitto: t`Mosquitto on this machine`,
  'mosquitto-agent': t`Mosquitto with an agent`,
  cedalo: t`Cedalo Pro Mosquitto`,
}

export function nameOf({ kind, name }: Pick<StoredBroker, 'kind' | 'name'>): string {
  return kind === 'embedded' ? t`Embedded broker` : name
}

export function placeOf({ host, port, tls }: Pick<StoredBroker, 'host' | 'port' | 'tls'>): string {
  if (host === null) return ''
  const shown = host.includes(':') ? `[${host}]` : host
  return `${tls ? 'mqtts' : 'mqtt'}://${shown}${port === null ? '' : `:${port}`}`
}

/** The worst of it first. */
export function stateWords({ state, lag }: Pick<StoredBroker, 'state' | 'lag'>): { status: Status; label: string } {
  const codes = new Set(state.problems.map(({ code }) => code))
  if (codes.has('fails_open')) return { status: 'refused', label: t`admits anyone` }
  if (!state.reachable) return { status: 'refused', label: t`not reachable` }
  if (state.problems.length > 0) return { status: 'expiring', label: t`needs attention` }
  if (lag !== null && lag > 0) return { status: 'expiring', label: t`behind` }
  return { status: 'valid', label: t`in order` }
}

/** Which changes of access the broker has applied. */
export function lagWords({ lag }: Pick<StoredBroker, 'lag'>): string {
  if (lag === null) return t`not known`
  if (lag === 0) return t`all applied`
  return plural(lag, { one: '# change behind', other: '# changes behind' })
}

/** `detail` stands behind the sentence. */
const problemSentences: Record<BrokerProblem['code'], string> = {
  unreachable: t`The broker cannot be reached.`,
  credentials_refused: t`The broker refuses the username or the password of Gatehouse.`,
  tls_failed: t`TLS failed: the broker’s certificate is not accepted.`,
  no_answer: t`The broker did not answer in time.`,
  wrong_answer: t`The broker answered something unexpected.`,
  no_adapter: t`The settings of this broker cannot work, or its password cannot be read. Save the broker again with its password.`,
  dynsec_missing: t`The dynamic-security plugin does not answer. Is it loaded, and may this user control it?`,
  default_access: t`The broker allows what no role allows. Gatehouse expects that its defaults refuse.`,
  fails_open: t`The broker admits a client that it must refuse.`,
  drift: t`Somebody changed users or roles on the broker itself.`,
  authority_without_crl: t`A CA has no CRL. A listener that checks CRLs refuses all its certificates.`,
  crl_expired: t`A CRL has expired. A listener that checks CRLs refuses all certificates of that CA.`,
  trust_not_applied: t`CA certificates or CRLs could not be written.`,
  foreign_authority: t`The broker trusts CAs that Gatehouse did not write into the CA folder:`,
  authorities_left_out: t`CAs that are not trusted there, because of a username limit on them or on a CA below them, or because their root is missing:`,
  signal_failed: t`The broker could not be told to read its CA certificates again.`,
  passwords_missing: t`Users who cannot sign in there with their password yet, because it was not set or used since:`,
  names_left_out: t`Users who were left out, because the broker cannot hold their names or rules:`,
  rules_left_out: t`Users without some of their permissions there:`,
  agent_missing: t`No agent is enrolled for this broker.`,
  agent_away: t`The agent of this broker is not connected.`,
  clock_differs: t`The clock of the broker’s machine differs.`,
  agents_authority_ends: t`The CA of the agents ends soon and must be replaced.`,
  listeners_without_ids: t`The broker names its listeners without ids, as the open source Mosquitto does. CAs cannot be deployed there.`,
}

export function problemWords({ code, detail }: BrokerProblem): string {
  return detail === null ? problemSentences[code] : `${problemSentences[code]} (${detail})`
}

const stepWords: Record<TestStep['step'], string> = {
  address: t`Find the address`,
  tcp: t`Open a connection`,
  tls: t`Check the broker’s certificate`,
  credentials: t`Sign in`,
  control: t`Use the control interface`,
  listeners: t`Find the listeners`,
  files: t`Write CA certificates and CRLs`,
  signal: t`Reload CA certificates`,
  agent: t`Reach the agent`,
  anonymous: t`Connect without credentials`,
  wrong_password: t`Connect with a wrong password`,
}

export function shownStep(step: TestStep) {
  return { name: stepWords[step.step], outcome: step.outcome, found: outcomeWords(step) }
}

/** What the outcome of a step means. */
function outcomeWords({ step, outcome, problem, detail }: TestStep): string {
  if (outcome === 'skipped') return t`Not tested.`
  if (outcome === 'passed') return strangers.has(step) ? t`Refused, as it must be.` : t`Works.`
  if (problem === 'fails_open') {
    return detail === null
      ? t`Admitted. Anybody can connect to this broker.`
      : t`Admitted on port ${detail}. Anybody can connect to this broker.`
  }
  if (strangers.has(step) && problem !== null)
    return `${t`Could not be tested.`} ${problemWords({ code: problem, detail })}`
  return problem === null ? (detail ?? t`Failed.`) : problemWords({ code: problem, detail })
}

/** Steps that pass when the broker refuses. */
const strangers = new Set<TestStep['step']>(['anonymous', 'wrong_password'])
