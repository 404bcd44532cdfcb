/** Identity providers, their role mappings, and the identities of users there. */

export interface IdentityProvidersTable {
  id: string
  kind: 'ldap' | 'oidc'
  /** Never changes. */
  name: string
  label: string
  enabled: 0 | 1
  /** JSON: `LdapSettings` or `OidcSettings`. */
  settings: string
  /** The bind password or the client secret, encrypted. */
  secret_box: string | null
  mfa_for_new: 0 | 1
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
