/** Reads listeners in the broker's thread. */
import type { PreparedReader } from '../../platform/db/prepared-reader.ts'
import { type ListenerRecord, type ListenerRow, toRecord } from './listener.ts'

export interface ListenerReader {
  listListeners(): Promise<ListenerRecord[]>
}

export function prepareListeners(reader: PreparedReader): ListenerReader {
  // Without the key: the main thread decrypts it.
  const all = reader.prepare<ListenerRow>(
    () => `select id, name, seed, purpose, address, port, tls, client_certificate, minimum_tls_version, trusted_authorities,
      identity, proxy_versions, proxy_from, allowed_origins, upstream_id, max_connections, certificate, created_at, version from listeners order by id`,
  )
  return { listListeners: async () => (await all()).map(toRecord) }
}
