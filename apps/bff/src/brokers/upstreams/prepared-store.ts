/** Reads upstreams for the broker's thread, without Kysely. */
import type { Upstream } from '@gatehouse/contract/brokers/upstreams'
import type { PreparedReader } from '../../platform/db/prepared-reader.ts'
import { toUpstream, type UpstreamRow } from './rows.ts'

export interface UpstreamReader {
  listUpstreams(): Promise<Upstream[]>
}

/** Without the secrets: the main thread decrypts them. */
export function prepareUpstreams(reader: PreparedReader): UpstreamReader {
  const all = reader.prepare<UpstreamRow>(
    () => `select id, name, kind, origin, ca_certificates, authentication, username,
      case when secret_box is null then null else '' end as secret_box, connect_timeout_ms, response_timeout_ms,
      idle_timeout_ms, max_request_bytes, identity_attribute, created_at, version from upstreams order by id`,
  )
  return { listUpstreams: async () => (await all()).map(toUpstream) }
}
