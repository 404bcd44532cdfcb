/** The tables of admission rules. */
export interface AdmissionRulesTable {
  id: string
  name: string
  /** Lower case, so that names are unique regardless of case. */
  name_folded: string
  /** Fingerprint. */
  authority: string
  /** JSON of globs. */
  usernames: string
  /** JSON of role ids. */
  roles: string
  /** Who is responsible for what the rule gives. */
  author_id: string
  max_per_hour: number
  max_total: number
  /** Null: the rule is off. */
  enabled_at: string | null
  /** How many devices it has admitted. */
  admitted: number
  created_at: string
  version: number
}

/** A device that a rule admitted, kept as long as it counts for a limit or a figure. */
export interface AdmissionsTable {
  id: string
  rule_id: string
  user_id: string
  at: string
}

/** A name that no rule admits. */
export interface DeniedDevicesTable {
  username_folded: string
  username: string
  cause: 'deleted' | 'denied'
  at: string
  /** The username of the person. */
  by: string | null
}
