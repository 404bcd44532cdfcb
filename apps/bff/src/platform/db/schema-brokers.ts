export interface BrokersTable {
  id: string
  name: string
  /** Lower case, so that names are unique regardless of case. */
  name_folded: string
  kind: 'mosquitto' | 'mosquitto-agent' | 'cedalo'
  /** Null for an agent without an address. */
  host: string | null
  port: number | null
  tls: 0 | 1
  /** PEM of the CA certificates that sign the broker's certificate. Null: those of the system. */
  authorities: string | null
  username: string | null
  /** Encrypted with the data key. */
  password_box: string | null
  /** JSON. The contract has its shape for each kind. */
  settings: string
  created_at: string
  version: number
}

/** The last change of the log that a broker was brought to. */
export interface BrokerProgressTable {
  broker_id: string
  applied: number
  at: string
}
