export interface ListenersTable {
  id: string
  name: string
  /** Lower case, so that names are unique regardless of case. */
  name_folded: string
  seed: 'mqtt' | 'mqtts' | null
  purpose: 'mqtt' | 'websocket' | 'device-http'
  address: string
  port: number
  tls: 0 | 1
  client_certificate: 'required' | 'accepted' | 'ignored'
  minimum_tls_version: '1.2' | '1.3'
  /** JSON of fingerprints. Null: all. */
  trusted_authorities: string | null
  identity: 'certificate' | 'password'
  proxy_versions: 'off' | 'v1' | 'v2' | 'both'
  /** JSON of addresses and networks. */
  proxy_from: string
  /** JSON of origins (RFC 6454). */
  allowed_origins: string
  upstream_id: string | null
  max_connections: number | null
  /** PEM. Null: the common server certificate. */
  certificate: string | null
  /** The private key of `certificate`, encrypted with the data key. */
  key_box: string | null
  created_at: string
  version: number
}
