/** A listener as it is stored, and its row in the database. */
import type { StoredListener } from '@gatehouse/contract/brokers/listeners'
import type { Selectable } from 'kysely'
import type { ListenersTable } from '../../platform/db/schema-listeners.ts'

type Settings = Omit<
  StoredListener,
  'serverCertificate' | 'certificateMount' | 'overrides' | 'status' | 'missingAuthorities'
>

export interface ListenerRecord extends Settings {
  /** The listener of the environment's variables of this name. Null: made in the console. */
  seed: 'mqtt' | 'mqtts' | null
  /** PEM of its own server certificate. Null: the common one. */
  certificate: string | null
}

export type ListenerRow = Omit<Selectable<ListenersTable>, 'key_box' | 'name_folded'>

export function toRecord(row: ListenerRow): ListenerRecord {
  return {
    id: row.id,
    name: row.name,
    seed: row.seed,
    purpose: row.purpose,
    address: row.address,
    port: row.port,
    tls: row.tls === 1,
    clientCertificate: row.client_certificate,
    minimumTlsVersion: row.minimum_tls_version,
    trustedAuthorities: row.trusted_authorities === null ? null : (JSON.parse(row.trusted_authorities) as string[]),
    identity: row.identity,
    proxyProtocol: { versions: row.proxy_versions, from: JSON.parse(row.proxy_from) as string[] },
    allowedOrigins: JSON.parse(row.allowed_origins) as string[],
    upstream: row.upstream_id,
    maxConnections: row.max_connections,
    certificate: row.certificate,
    createdAt: row.created_at,
    version: row.version,
  }
}

export function toRow(record: ListenerRecord): Omit<Selectable<ListenersTable>, 'key_box'> {
  const { trustedAuthorities, proxyProtocol } = record
  return {
    id: record.id,
    name: record.name,
    name_folded: record.name.toLowerCase(),
    seed: record.seed,
    purpose: record.purpose,
    address: record.address,
    port: record.port,
    tls: record.tls ? 1 : 0,
    client_certificate: record.clientCertificate,
    minimum_tls_version: record.minimumTlsVersion,
    trusted_authorities: trustedAuthorities && JSON.stringify(trustedAuthorities),
    identity: record.identity,
    proxy_versions: proxyProtocol.versions,
    proxy_from: JSON.stringify(proxyProtocol.from),
    allowed_origins: JSON.stringify(record.allowedOrigins),
    upstream_id: record.upstream,
    max_connections: record.maxConnections,
    certificate: record.certificate,
    created_at: record.createdAt,
    version: record.version,
  }
}
