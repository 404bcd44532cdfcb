/** A listener as its form holds it. The names are those of the API, so that its field errors find their fields. */
import type { ListenerCreate, StoredListener } from '@gatehouse/contract/brokers/listeners'

export interface ListenerValues
  extends Pick<
    StoredListener,
    | 'name'
    | 'purpose'
    | 'address'
    | 'port'
    | 'tls'
    | 'clientCertificate'
    | 'minimumTlsVersion'
    | 'identity'
    | 'proxyProtocol'
    | 'allowedOrigins'
  > {
  trusts: 'all' | 'chosen'
  trustedAuthorities: string[]
  /** Id of the upstream of an edge. Null: the path names it. */
  upstream: string | null
  maxConnections: number | ''
  certificateFrom: 'common' | 'own'
  /** PEM. Both empty: the stored certificate stays. */
  serverCertificate: { certificate: string; key: string }
}

const noPair = { certificate: '', key: '' }

export const blank: ListenerValues = {
  name: '',
  purpose: 'mqtt',
  address: '0.0.0.0',
  port: 8884,
  tls: true,
  clientCertificate: 'required',
  minimumTlsVersion: '1.2',
  identity: 'certificate',
  proxyProtocol: { versions: 'off', from: [] },
  allowedOrigins: [],
  upstream: null,
  trusts: 'all',
  trustedAuthorities: [],
  maxConnections: '',
  certificateFrom: 'common',
  serverCertificate: noPair,
}

export function toValues(listener: StoredListener): ListenerValues {
  const { name, purpose, address, port, tls, clientCertificate, minimumTlsVersion, identity } = listener
  return {
    name,
    purpose,
    address,
    port,
    tls,
    clientCertificate,
    minimumTlsVersion,
    identity,
    proxyProtocol: listener.proxyProtocol,
    allowedOrigins: listener.allowedOrigins,
    upstream: listener.upstream,
    trusts: listener.trustedAuthorities === null ? 'all' : 'chosen',
    trustedAuthorities: listener.trustedAuthorities ?? [],
    maxConnections: listener.maxConnections ?? '',
    certificateFrom: listener.serverCertificate === null ? 'common' : 'own',
    serverCertificate: noPair,
  }
}

/** `keepsOwn`: the listener has a certificate of its own, which stays if the form has no other one. */
export function toBody(values: ListenerValues, { keepsOwn }: { keepsOwn: boolean }): ListenerCreate {
  const { trusts, trustedAuthorities, maxConnections, certificateFrom, serverCertificate, ...settings } = values
  const isEmpty = serverCertificate.certificate === '' && serverCertificate.key === ''
  const isOwn = settings.tls && certificateFrom === 'own'
  return {
    ...settings,
    name: settings.name.trim(),
    address: settings.address.trim(),
    // Without TLS there is no certificate that could be checked besides a password.
    identity: settings.tls ? settings.identity : 'certificate',
    upstream: settings.purpose === 'device-http' ? settings.upstream : null,
    trustedAuthorities: trusts === 'all' ? null : trustedAuthorities,
    maxConnections: maxConnections === '' ? null : maxConnections,
    ...(!(isOwn && isEmpty && keepsOwn) && { serverCertificate: isOwn ? serverCertificate : null }),
  }
}
