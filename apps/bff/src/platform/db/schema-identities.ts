/** Identity providers, their role mappings, the identities of users there, and the sweeps of directories. */

export interface IdentityProvidersTable {
  id: string
  kind: 'ldap' | 'oidc'
  /** Never changes. */
  name: string
  label: string
  /** Null: it is enabled. */
  disabled_at: string | null
  /** While it is disabled, its users may connect with certificates. */
  keeps_certificates: 0 | 1
  /** Of the settings: its users may use their passwords over MQTT. */
  mqtt_passwords: 0 | 1
  /** Of the settings: how many days a sign-in counts. Null: sweeps notice that a person has left. */
  sign_in_days: number | null
  /** JSON: `LdapSettings` or `OidcSettings`. */
  settings: string
  /** The bind password or the client secret, encrypted. */
  secret_box: string | null
  mfa_for_new: 0 | 1
  /** New persons need a mapped role. */
  role_required: 0 | 1
  position: number
  /** Where its users change their password. */
  password_url: string | null
  created_at: string
  version: number
}

export interface RoleMappingsTable {
  id: string
  provider_id: string
  /** The order of the list. */
  place: number
  source: string
  role_id: string
  /** Null: the user was deleted. */
  author_id: string | null
  created_at: string
}

export interface UserIdentitiesTable {
  id: string
  user_id: string
  provider_id: string
  /** What identifies the person there for good. */
  subject: string
  /** The name of the person there, as last seen. */
  label: string | null
  is_origin: 0 | 1
  /** JSON: the groups that the provider named last. Null: it did not name them all. */
  source_groups: string | null
  /** When the user was disabled because of the provider; equals `users.disabled_at` then. */
  disabled_at: string | null
  linked_at: string
  /** The last time the provider named the person, at a sign-in or in a sweep. */
  last_seen_at: string | null
  last_provider_sign_in_at: string | null
}

export interface DirectorySweepsTable {
  provider_id: string
  /** When a sweep is due. */
  next_at: string
  /** A server is sweeping until then, unless it has stopped. */
  claimed_until: string | null
  /** Of the last sweep that saw the whole directory; the next three belong to it. */
  finished_at: string | null
  /** The version of the provider whose mappings it applied. */
  provider_version: number | null
  people: number | null
  changed: number | null
  disabled: number | null
  /** Why the last sweep failed. */
  problem: string | null
}
