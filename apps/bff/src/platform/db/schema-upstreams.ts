/** Which user has which identity on a Mender server. */
export interface EdgeIdentitiesTable {
  upstream_id: string
  /** SHA-256 of the identity data. */
  identity_hash: string
  user_id: string
  claimed_at: string
}

export interface UpstreamsTable {
  id: string
  /** Lower case by its pattern. */
  name: string
  kind: 'generic' | 'mender'
  origin: string
  /** PEM. Null: the CAs of the system. */
  ca_certificates: string | null
  authentication: 'none' | 'basic' | 'bearer'
  username: string | null
  /** The password or the token, encrypted with the data key. */
  secret_box: string | null
  connect_timeout_ms: number
  response_timeout_ms: number
  idle_timeout_ms: number
  max_request_bytes: number | null
  identity_attribute: string | null
  created_at: string
  version: number
}
