/** An upstream as its form holds it: times in seconds and sizes in MiB. */
import type { Upstream, UpstreamCreate, UpstreamUpdate } from '@gatehouse/contract/brokers/upstreams'

export interface UpstreamValues extends Pick<Upstream, 'name' | 'kind' | 'origin' | 'authentication'> {
  /** PEM. Empty: the CAs of the system. */
  authorities: string
  username: string
  /** Empty: the stored one stays. */
  secret: string
  connectTimeoutMs: number | ''
  responseTimeoutMs: number | ''
  idleTimeoutMs: number | ''
  /** Empty: no bound. */
  maxRequestBytes: number | ''
  identityAttribute: string
}

const second = 1_000
const mebibyte = 1_024 * 1_024

export const blank: UpstreamValues = {
  name: '',
  kind: 'generic',
  origin: '',
  authentication: 'none',
  authorities: '',
  username: '',
  secret: '',
  connectTimeoutMs: 5,
  responseTimeoutMs: 60,
  idleTimeoutMs: 120,
  maxRequestBytes: 64,
  identityAttribute: '',
}

export function toValues(upstream: Upstream): UpstreamValues {
  const { name, kind, origin, authentication, maxRequestBytes } = upstream
  return {
    name,
    kind,
    origin,
    authentication,
    authorities: upstream.authorities ?? '',
    username: upstream.username ?? '',
    secret: '',
    connectTimeoutMs: upstream.connectTimeoutMs / second,
    responseTimeoutMs: upstream.responseTimeoutMs / second,
    idleTimeoutMs: upstream.idleTimeoutMs / second,
    maxRequestBytes: maxRequestBytes === null ? '' : maxRequestBytes / mebibyte,
    identityAttribute: upstream.identityAttribute ?? '',
  }
}

export function toCreate(values: UpstreamValues): UpstreamCreate {
  return { ...settingsOf(values), secret: values.authentication === 'none' ? null : orNull(values.secret) }
}

export function toUpdate(values: UpstreamValues): UpstreamUpdate {
  const secret = values.authentication === 'none' ? null : orNull(values.secret)
  return { ...settingsOf(values), ...((secret !== null || values.authentication === 'none') && { secret }) }
}

function settingsOf(values: UpstreamValues) {
  const isHttps = values.origin.startsWith('https:')
  return {
    name: values.name.trim(),
    kind: values.kind,
    // People paste an address with a slash at its end.
    origin: values.origin.trim().replace(/\/$/, ''),
    authorities: isHttps ? orNull(values.authorities.trim()) : null,
    authentication: values.authentication,
    username: values.authentication === 'basic' ? orNull(values.username.trim()) : null,
    connectTimeoutMs: Math.round(Number(values.connectTimeoutMs) * second),
    responseTimeoutMs: Math.round(Number(values.responseTimeoutMs) * second),
    idleTimeoutMs: Math.round(Number(values.idleTimeoutMs) * second),
    maxRequestBytes: values.maxRequestBytes === '' ? null : Math.round(values.maxRequestBytes * mebibyte),
    identityAttribute: values.kind === 'mender' ? orNull(values.identityAttribute.trim()) : null,
  }
}

function orNull(text: string): string | null {
  return text === '' ? null : text
}
