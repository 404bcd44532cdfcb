/** The tables of agents beside brokers on other hosts. */
export interface EnforcerTables {
  enforcers: EnforcersTable
  enforcer_tokens: EnforcerTokensTable
  enforcer_authorities: EnforcerAuthoritiesTable
}

interface EnforcerAuthoritiesTable {
  /** `next`: it replaces the current one when the agents have certificates of it. */
  id: 'current' | 'next'
  /** PEM. */
  certificate: string
  /** Its private key, encrypted with the data key. */
  key_box: string
  created_at: string
}

export interface EnforcersTable {
  id: string
  broker_id: string
  /** The host name of its machine, as it says it. */
  host: string
  program_version: string
  /** PEM. */
  certificate: string
  /** SHA-256 of the certificate. */
  fingerprint: string
  /** The renewed certificate. It replaces the other when it is first used. */
  next_certificate: string | null
  next_fingerprint: string | null
  enrolled_at: string
  last_seen_at: string | null
  last_address: string | null
  /** PostgreSQL's driver returns a bigint as text. */
  applied_sequence: number | string | null
  applied_at: string | null
  /** JSON of what its last report says. */
  report: string | null
}

interface EnforcerTokensTable {
  broker_id: string
  secret_hash: string
  created_at: string
  /** The username. */
  created_by: string
  expires_at: string
  used_at: string | null
  /** SHA-256 of the key (SPKI) that it was used with. */
  key_hash: string | null
}
