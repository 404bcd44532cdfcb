/**
 * Which CA is on which listener of a Cedalo broker, and which should be. Cedalo's control API cannot list them, so this is the only
 * record.
 */
export interface AuthorityDeploymentsTable {
  broker_id: string
  /** As the broker numbers its listeners. */
  listener_id: number
  /** If the broker has another port under this id, it has numbered its listeners anew. */
  listener_port: number
  fingerprint: string
  /** Of the authority, so that the list can name it after its deletion. */
  name: string
  /** A person chose it for this listener. */
  is_wanted: 0 | 1
  /** `unknown`: a command was sent, and no answer came. */
  presence: 'absent' | 'present' | 'unknown'
  /** Why the last command failed: a code of ours, or the words of the broker. */
  error: string | null
  changed_at: string
}

/** What was handed over to Kubernetes, one row for each broker or listener. */
export interface KubernetesHandOversTable {
  target_kind: 'broker' | 'listener'
  target_id: string
  /** JSON. */
  settings: string
  /** JSON of the fingerprints of the client CAs in the secret. */
  authorities: string
  /** Fingerprint of the server certificate. Null: it was not part of the texts. */
  server_certificate: string | null
  content_hash: string
  /** The last change of the log when it was recorded. */
  sequence: number | string
  applied_at: string
  /** Username. Null: a token without a user. */
  applied_by: string | null
}
