/** The words of a hand-over to Kubernetes. */
import type { GeneratedHandOver, HandOver, HandOverSettings } from '@gatehouse/contract/brokers/kubernetes'
import { plural, t } from '@lingui/core/macro'

type Kind = GeneratedHandOver['texts'][number]['kind']

export const textLabels: Record<Kind, string> = {
  serverSecret: t`Secret with the server certificate`,
  clientCaSecret: t`Secret with the client CAs`,
  clientCaManifest: t`The same secret as a manifest`,
  values: t`Helm values`,
  install: t`Install or upgrade`,
  rotateServer: t`Replace the server certificate`,
  rotateClientCa: t`Replace the client CAs`,
  verify: t`Check the result in the cluster`,
  mosquittoConf: t`What the chart writes into mosquitto.conf`,
}

/** By what a person wants to do. */
export const textTabs: readonly { value: string; label: string; kinds: readonly Kind[] }[] = [
  { value: 'first', label: t`First time`, kinds: ['clientCaSecret', 'serverSecret', 'values', 'install'] },
  { value: 'rotate', label: t`Replace`, kinds: ['rotateClientCa', 'rotateServer'] },
  { value: 'files', label: t`Files`, kinds: ['clientCaManifest', 'mosquittoConf', 'verify'] },
]

export const platformWords: Record<HandOverSettings['platform'], string> = {
  kubernetes: 'Kubernetes',
  openshift: 'OpenShift',
}

export const topologyWords: Record<HandOverSettings['topology'], string> = {
  single: t`Single node`,
  cluster: t`Cluster with HAProxy`,
}

export const warningWords: Record<GeneratedHandOver['warnings'][number], string> = {
  no_authorities: t`No CA is left. No client could connect with a certificate.`,
  root_missing: t`An intermediate CA is included, but not the CA that signed it. Mosquitto does not accept its certificates without that CA.`,
  secret_too_large: t`The trust store is larger than a secret may be (1 MiB). Let this listener trust chosen CAs only.`,
  certificate_optional: t`Mosquitto does not ask for client certificates like this. “Certificate required” turns them on.`,
}

export const leftOutWords: Record<GeneratedHandOver['leftOut'][number]['reason'], string> = {
  limited: t`a username limit applies to it, which Mosquitto cannot enforce`,
  above_limited: t`it is above a CA with a username limit, whose certificates Mosquitto would accept through it`,
  expired: t`expired`,
}

/** How many changes the applied secrets lack. */
export function changesBehind({ added, removed, serverCertificateChanged }: HandOver['state']): number {
  return added + removed + (serverCertificateChanged ? 1 : 0)
}

export function behindWords(state: HandOver['state']): string {
  const count = changesBehind(state)
  if (count === 0) return t`up to date`
  return plural(count, { one: '# change behind', other: '# changes behind' })
}

/** What they lack, such as "2 CAs to add, 1 to remove". */
export function lackWords({ added, removed, serverCertificateChanged }: HandOver['state']): string {
  const words = [
    ...(added > 0 ? [plural(added, { one: '# CA is missing', other: '# CAs are missing' })] : []),
    ...(removed > 0
      ? [plural(removed, { one: '# CA is no longer trusted', other: '# CAs are no longer trusted' })]
      : []),
    ...(serverCertificateChanged ? [t`the server certificate is another one`] : []),
  ]
  return words.join('; ')
}
