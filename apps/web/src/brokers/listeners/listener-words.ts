/** The texts about listeners: their settings, their state, and what is wrong with them. */

import type { ListenerProblem, StoredListener } from '@gatehouse/contract/brokers/listeners'
import type { CertificateMount } from '@gatehouse/contract/brokers/server-certificates'
import { plural, t } from '@lingui/core/macro'
import type { Status } from '../../ui/badges.tsx'
import { describeField } from '../../ui/field-words.ts'
import { hostAndPort } from './host-and-port.ts'

export const purposeWords: Record<StoredListener['purpose'], string> = {
  mqtt: t`MQTT`,
  websocket: t`MQTT over WebSocket`,
  'device-http': t`HTTP for devices`,
}

export const clientCertificateWords: Record<StoredListener['clientCertificate'], string> = {
  required: t`Required`,
  accepted: t`Accepted`,
  ignored: t`Ignored`,
}

export const identityWords: Record<StoredListener['identity'], string> = {
  certificate: t`Common Name of the certificate`,
  password: t`Username and password`,
}

export const proxyWords: Record<StoredListener['proxyProtocol']['versions'], string> = {
  off: t`Off`,
  v1: t`Version 1`,
  v2: t`Version 2`,
  both: t`Version 1 or 2`,
}

interface StateWords {
  status: Status
  label: string
}

export const stateWords: Record<StoredListener['status']['state'], StateWords> = {
  open: { status: 'valid', label: t`open` },
  failed: { status: 'refused', label: t`not open` },
  off: { status: 'off', label: t`off` },
  unknown: { status: 'expiring', label: t`unknown` },
}

/** Why a listener is not open. */
export const stateErrors: Record<NonNullable<StoredListener['status']['error']>, string> = {
  port_taken: t`Another program has this port.`,
  port_privileged: t`The server may not use ports below 1024.`,
  address_unknown: t`This machine does not have the address.`,
  certificate_unusable: t`The server certificate cannot be used.`,
  plain_not_allowed: t`Without TLS only addresses of this machine are allowed. See GATEHOUSE_MQTT_PLAIN.`,
  unknown: t`The system refused it. See the log of the server.`,
}

/** Why the listener is not open; empty if it is. */
export function whyNotOpen({ status: { state, error }, overrides }: StoredListener): string {
  if (state === 'unknown') return t`The broker does not respond.`
  const off = overrides.find(({ field }) => field === 'open')
  if (off) return t`${off.variable} turns it off.`
  return error === null ? '' : stateErrors[error]
}

const mountReasons: Record<NonNullable<CertificateMount['problem']>, string> = {
  unreadable: t`A file of the renewed server certificate cannot be read.`,
  not_a_certificate: t`The renewed file contains no certificate in PEM.`,
  not_a_private_key: t`The renewed key is not a private key in PEM without a password.`,
  key_mismatch: t`The renewed key does not belong to the renewed server certificate.`,
  expired: t`The renewed server certificate has expired.`,
  not_yet_valid: t`The renewed server certificate is not valid yet.`,
}

/** Why the listener does not use the certificate in its files; empty if it does, or has none. */
export function whyNotRenewed({ certificateMount }: Pick<StoredListener, 'certificateMount'>): string {
  const problem = certificateMount?.problem ?? null
  return problem === null ? '' : mountReasons[problem]
}

type Code = ListenerProblem['code']

/** The others are errors of fields: `field-words.ts`. */
const warnings: Partial<Record<Code, string>> = {
  port_taken: t`Another program has this port now. The broker opens the listener when the port is free.`,
  port_privileged: t`The server may not use ports below 1024. The listener will not open.`,
  address_unknown: t`This machine does not have the address. The listener will not open.`,
  trusts_nobody: t`None of the chosen CAs is trusted. No client certificate is accepted.`,
  missing_authority: t`A chosen CA was deleted or is no longer trusted. Its certificates are refused.`,
  expires_soon: t`The server certificate expires within 30 days.`,
}

export function problemWords(code: Code): string {
  return warnings[code] ?? describeField(code)
}

/** Where clients connect: with the port that the system or the environment gave. */
export function placeOf({ address, port, overrides, status }: StoredListener): string {
  const given = (field: 'address' | 'port') => overrides.find((override) => override.field === field)?.value
  const at = status.boundPort ?? Number(given('port') ?? port)
  return hostAndPort(given('address') ?? address, at === 0 ? '*' : at)
}

/** `null`: the broker does not respond. */
export function connectedWords(count: number | null): string {
  if (count === null) return t`The broker does not respond, so the number of connections is unknown.`
  if (count === 0) return t`No client is connected through this listener.`
  return plural(count, {
    one: '# client is connected through this listener.',
    other: '# clients are connected through this listener.',
  })
}
