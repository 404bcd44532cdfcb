/** An upstream and its row in the database. */
import type { Upstream } from '@gatehouse/contract/brokers/upstreams'
import type { Selectable } from 'kysely'
import type { UpstreamsTable } from '../../platform/db/schema-upstreams.ts'

export type UpstreamRow = Selectable<UpstreamsTable>

export function toUpstream(row: UpstreamRow): Upstream {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    origin: row.origin,
    authorities: row.ca_certificates,
    authentication: row.authentication,
    username: row.username,
    hasSecret: row.secret_box !== null,
    connectTimeoutMs: row.connect_timeout_ms,
    responseTimeoutMs: row.response_timeout_ms,
    idleTimeoutMs: row.idle_timeout_ms,
    maxRequestBytes: row.max_request_bytes,
    identityAttribute: row.identity_attribute,
    createdAt: row.created_at,
    version: row.version,
  }
}

export function toRow(upstream: Upstream): Omit<UpstreamRow, 'secret_box'> {
  return {
    id: upstream.id,
    name: upstream.name,
    kind: upstream.kind,
    origin: upstream.origin,
    ca_certificates: upstream.authorities,
    authentication: upstream.authentication,
    username: upstream.username,
    connect_timeout_ms: upstream.connectTimeoutMs,
    response_timeout_ms: upstream.responseTimeoutMs,
    idle_timeout_ms: upstream.idleTimeoutMs,
    max_request_bytes: upstream.maxRequestBytes,
    identity_attribute: upstream.identityAttribute,
    created_at: upstream.createdAt,
    version: upstream.version,
  }
}
