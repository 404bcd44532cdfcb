/** The words of a deployment on a Cedalo broker. */
import {
  type DeployableBroker,
  type DeployableListener,
  type Deployment,
  deploymentErrors,
} from '@gatehouse/contract/brokers/deployments'
import { t } from '@lingui/core/macro'
import type { Status } from '../../ui/badges.tsx'

export const deploymentStateWords: Record<Deployment['state'], { status: Status; label: string }> = {
  deployed: { status: 'valid', label: t`deployed` },
  pending: { status: 'soon', label: t`waiting for the broker` },
  unknown: { status: 'expiring', label: t`not confirmed` },
  failed: { status: 'refused', label: t`failed` },
  removing: { status: 'expiring', label: t`being removed` },
}

const errorSentences: Record<(typeof deploymentErrors)[number], string> = {
  listener_missing: t`The broker has no such listener any more.`,
  listener_changed: t`The broker has numbered its listeners anew. Choose the listener again.`,
  listener_unsuitable: t`The listener does not require client certificates.`,
  no_answer: t`The broker did not answer. The console tries again.`,
  wrong_answer: t`The broker’s answer makes no sense. The console tries again.`,
  not_connected: t`The broker cannot be reached. The console tries again.`,
  not_permitted: t`The console’s user may not use the control API of the broker.`,
  too_large: t`The message was too large.`,
}

/** The words of the broker are shown as they are. */
export function errorWords(error: string): string {
  const code = deploymentErrors.find((each) => each === error)
  return code ? errorSentences[code] : t`The broker says: ${error}`
}

/** The broker refuses the removal, or does not have the listener any more. What is repeated by itself is not forgotten. */
export function mayForget({ state, error }: Pick<Deployment, 'state' | 'error'>): boolean {
  if (error === null) return false
  const code = deploymentErrors.find((each) => each === error)
  return code === undefined ? state === 'removing' : code === 'listener_missing' || code === 'listener_changed'
}

export const brokerProblemWords: Record<NonNullable<DeployableBroker['problem']>, string> = {
  unreachable: t`The broker cannot be reached. What was chosen before is kept, and applied when it is back.`,
  no_answer: t`The broker does not name its listeners. It needs “enable_control_api true”.`,
  wrong_answer: t`The broker’s list of listeners makes no sense.`,
  listeners_without_ids: t`The broker names its listeners without ids, as the open source Mosquitto does. CAs cannot be deployed there.`,
}

/** Why a listener cannot be chosen. Undefined: it can. */
export function whyNotChosen({ tls, requireCertificate, follows }: DeployableListener): string | undefined {
  if (follows) return t`gets every trusted CA, by the settings of the broker`
  if (!tls) return t`has no TLS`
  return requireCertificate ? undefined : t`does not require client certificates`
}
