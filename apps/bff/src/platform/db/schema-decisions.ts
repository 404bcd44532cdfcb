/** The table of the broker's decisions. */
export interface DecisionsTable {
  id: string
  /** SHA-256 of what equal decisions have in common, and of the hour. */
  equality_key: string
  first_at: string
  last_at: string
  count: number
  outcome: 'admitted' | 'refused' | 'closed'
  reason: string | null
  listener: string
  address: string
  username: string | null
  unknown_username_length: number | null
  user_id: string | null
  client_id: string | null
  method: string | null
  /** JSON. */
  certificate: string | null
  topic: string | null
  /** The name of the rule that created the user for this connection. */
  admission_rule: string | null
  /** What the row and its index entries need, about. */
  bytes: number
}
