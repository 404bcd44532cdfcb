/**
 * Every error that Gatehouse answers with (RFC 9457). The code is the contract; it determines `status` and `title`. The
 * console must have a text for each code, or it does not compile.
 */
import * as z from 'zod/mini'

export const errors = {
  // Errors of any route
  invalid: { status: 400, title: 'The request is not valid' },
  broken_json: { status: 400, title: 'The body is not valid JSON' },
  not_signed_in: { status: 401, title: 'Not signed in' },
  stage_not_allowed: { status: 403, title: 'The sign-in is not complete' },
  not_permitted: { status: 403, title: 'Not permitted' },
  proof_required: { status: 403, title: 'The password must be proved again' },
  tokens_not_accepted: { status: 403, title: 'This route does not accept tokens' },
  cross_site: { status: 403, title: 'The request does not come from the console' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  changed_meanwhile: { status: 412, title: 'Changed by someone else in the meantime' },
  too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  throttled: { status: 429, title: 'Too many attempts' },
  too_many_views: { status: 429, title: 'Too many live views are open' },
  internal: { status: 500, title: 'Something went wrong' },
  unavailable: { status: 503, title: 'Not ready' },
  storage_full: { status: 503, title: 'The disk of the server is full' },

  // Signing in
  wrong_credentials: { status: 401, title: 'Wrong username or password' },
  sign_in_refused: { status: 403, title: 'This user may not sign in here' },
  wrong_password: { status: 422, title: 'The password is wrong' },
  password_refused: { status: 422, title: 'The password does not meet the policy' },
  code_required: { status: 422, title: 'A code of the second factor is required' },
  wrong_code: { status: 422, title: 'The code is wrong' },
  login_incomplete: { status: 403, title: 'A password change or an enrolment is required first' },

  // Second factors
  mfa_already_enabled: { status: 422, title: 'The second factor is already on' },
  mfa_not_enabled: { status: 422, title: 'The second factor is not on' },
  mfa_required: { status: 422, title: 'This account requires a second factor' },
  enrolment_expired: { status: 422, title: 'The enrolment has expired' },

  // Users and roles
  username_taken: { status: 409, title: 'The username is taken' },
  name_taken: { status: 409, title: 'The name is taken' },
  role_in_use: { status: 409, title: 'The role is in use' },
  more_than_held: { status: 403, title: 'Nobody can give permissions that they do not hold' },
  above_caller: { status: 403, title: 'This user may do more than you' },
  own_account: { status: 403, title: 'Not possible on your own account' },
  last_admin: { status: 422, title: 'At least one administrator must remain' },
  built_in: { status: 422, title: 'Built-in objects cannot be changed' },
  unknown_role: { status: 422, title: 'No such role' },
  identity_provider_unsupported: { status: 422, title: 'Only local users are supported' },
  token_grant_required: { status: 422, title: 'The token grant cannot be required' },
  no_password_grant: { status: 422, title: 'The user has no password grant' },
  no_token_grant: { status: 422, title: 'The user has no token grant' },

  // Identity providers
  provider_refused: { status: 422, title: 'The identity provider cannot work like this' },
  provider_in_use: { status: 409, title: 'Users come from this identity provider' },
  too_many_providers: { status: 422, title: 'There are too many identity providers' },
  unknown_provider: { status: 422, title: 'No such identity provider' },
  provider_unavailable: { status: 503, title: 'The identity provider does not answer' },
  directory_unavailable: { status: 503, title: 'The directory does not answer, so passwords cannot be checked' },
  person_not_found: { status: 422, title: 'The identity provider does not know this person' },
  identity_taken: { status: 409, title: 'The identity is linked already' },
  origin_identity: { status: 422, title: 'The user comes from this identity provider' },
  role_is_mapped: { status: 422, title: 'The identity provider gives this role' },
  password_elsewhere: { status: 422, title: 'The identity provider keeps the password of this user' },
  username_taken_here: { status: 403, title: 'Another account has this username' },
  username_unusable: { status: 403, title: 'The username from the identity provider is not valid here' },
  account_disabled_there: { status: 403, title: 'The identity provider has disabled this account' },
  no_mapped_role: { status: 403, title: 'No mapping gives this account a role' },
  groups_unknown: { status: 403, title: 'The identity provider does not name all groups of this account' },

  // Single sign-on
  sso_expired: { status: 403, title: 'The sign-in at the identity provider took too long, or was used already' },
  sso_denied: { status: 403, title: 'The sign-in at the identity provider was cancelled' },
  sso_failed: { status: 403, title: 'The answer of the identity provider is not valid' },
  sso_clock: { status: 403, title: 'The clocks of the identity provider and this server differ' },
  sso_other_person: { status: 403, title: 'Another person signed in at the identity provider' },
  sso_not_fresh: { status: 403, title: 'The identity provider did not ask for a new sign-in' },
  password_sign_in_off: { status: 403, title: 'Only local administrators sign in with a password' },

  // Authorities
  not_a_certificate: { status: 422, title: 'Not a certificate' },
  private_key: { status: 422, title: 'This is a private key' },
  key_store: { status: 422, title: 'This is a key store' },
  too_many_certificates: { status: 422, title: 'Too many certificates' },
  authority_refused: { status: 422, title: 'Not an authority that can be trusted' },
  not_a_private_key: { status: 422, title: 'Not a supported private key' },
  key_password_required: { status: 422, title: 'The private key is encrypted and needs its password' },
  key_mismatch: { status: 422, title: 'The key belongs to another certificate' },
  already_built_in: { status: 409, title: 'This is already the built-in authority' },
  authority_unconfirmed: { status: 422, title: 'An authority would no longer identify a user' },
  limit_required: { status: 403, title: 'An authority without a username limit needs gatehouse-admin' },

  // Client certificates
  not_a_request: { status: 422, title: 'Not a certificate request' },
  request_refused: { status: 422, title: 'The request cannot be signed' },
  validity_too_long: { status: 422, title: 'Longer than the policy allows' },
  authority_withdrawn: { status: 422, title: 'The built-in authority is not trusted for clients' },
  authority_limited: { status: 422, title: 'The username limit of the built-in authority excludes this user' },
  authority_ended: { status: 422, title: 'The built-in authority has expired' },

  // Listeners
  listener_refused: { status: 422, title: 'The listener cannot work like this' },
  authority_not_limitable: {
    status: 422,
    title:
      'Not trusted, or a username limit applies to the authority or to one below it, which this broker could not enforce',
  },
  too_many_listeners: { status: 422, title: 'There are too many listeners' },

  // Brokers
  broker_refused: { status: 422, title: 'The broker cannot be connected like this' },
  broker_away: { status: 409, title: 'The broker is not connected' },
  broker_running: { status: 409, title: 'The broker is running' },
  file_refused: { status: 422, title: 'The file cannot be written' },
  too_many_brokers: { status: 422, title: 'There are too many brokers' },
  // Admission rules
  console_role: { status: 422, title: 'A rule gives no role with permissions in the console' },
  too_many_admission_rules: { status: 422, title: 'There are too many admission rules' },
  too_many_denied_devices: { status: 422, title: 'Too many names are denied' },

  // Agents
  no_enforcer_listener: { status: 422, title: 'The listener for agents is off' },
  no_enforcer_kind: { status: 422, title: 'This broker has no agent' },

  // Upstreams
  upstream_refused: { status: 422, title: 'The upstream cannot work like this' },
  upstream_in_use: { status: 409, title: 'A listener serves this upstream' },
  too_many_upstreams: { status: 422, title: 'There are too many upstreams' },

  // Revocations
  unknown_issuer: { status: 422, title: 'No authority here has signed this certificate' },
  unknown_authority: { status: 422, title: 'No such authority' },
  unknown_connection: { status: 422, title: 'The connection has ended or presented no certificate' },
  already_revoked: { status: 409, title: 'The certificate is already revoked' },
  not_a_crl: { status: 422, title: 'Not a certificate revocation list' },
  crl_delta: { status: 422, title: 'Delta CRLs are not supported' },
  crl_indirect: { status: 422, title: 'Indirect CRLs and CRLs for attribute certificates are not supported' },
  crl_unknown_extension: { status: 422, title: 'The CRL has an unsupported critical extension' },
  crl_wrong_issuer: { status: 422, title: 'Another authority issued this CRL' },
  crl_not_signer: { status: 422, title: 'The authority may not sign CRLs' },
  crl_bad_signature: { status: 422, title: 'The signature of the CRL is invalid' },
  crl_unsupported_signature: { status: 422, title: 'The signature algorithm of the CRL is not supported' },
  crl_weak_signature: { status: 422, title: 'The signature of the CRL is too weak' },
  crl_not_yet_valid: { status: 422, title: 'The CRL is not valid yet' },
  crl_older: { status: 409, title: 'A newer CRL is already installed' },

  // Imports
  import_too_large: { status: 413, title: 'Too many users or lines for one import' },
  import_changed: { status: 409, title: 'The import is no longer what the preview showed' },
  import_running: { status: 409, title: 'Another import is running' },
  import_empty: { status: 422, title: 'There is nothing to import' },
} as const satisfies Record<string, { status: number; title: string }>

export type ErrorCode = keyof typeof errors

/** What may be wrong with one field of a form or one member of a body. */
export const fieldCodes = [
  'required',
  'unknown',
  'invalid',
  'too_short',
  'too_long',
  'too_small',
  'too_large',
  'username_characters',
  'tag_characters',
  'username_taken',
  'name_taken',
  'topic',
  'topic_filter',
  'path',
  'unknown_role',
  'console_role',
  'role_is_mapped',
  'more_than_held',
  'not_found',
  'above_caller',
  'own_account',
  'password_too_short',
  'password_lower',
  'password_upper',
  'password_numeric',
  'password_symbol',
  'password_common',
  'password_is_username',
  'password_same',
  'wrong_password',
  'wrong_code',
  'code_format',
  'duplicate',
  'past',
  'token_grant_required',
  'not_a_certificate',
  'not_a_request',
  'private_key',
  'key_store',
  'not_a_ca',
  'expired',
  'weak_key',
  'key_too_large',
  'key_kind',
  'weak_signature',
  'unsupported_signature',
  'bad_signature',
  'compromised_key',
  'unknown_critical_extension',
  'name_constraints',
  'wrong_usage',
  'serial_number',
  'unknown_issuer',
  'not_a_crl',
  'unknown_authority',
  'not_yet_valid',
  'not_a_private_key',
  'key_unsupported',
  'key_mismatch',
  'root_missing',
  'not_for_servers',
  'address_taken',
  'console_port',
  'plain_not_allowed',
  'tls_required',
  'proxies_required',
  'certificate_required',
  'unknown_upstream',
] as const

export type FieldCode = (typeof fieldCodes)[number]

/** An error in `application/problem+json`. `fields` maps the path of a field (`grantTypes.0.method`) to a code. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string() as z.ZodMiniType<ErrorCode, ErrorCode>,
  detail: z.optional(z.string()),
  fields: z.optional(z.record(z.string(), z.string() as z.ZodMiniType<FieldCode, FieldCode>)),
  /** Details for the text of the error, such as who uses a role or how long to wait. */
  facts: z.optional(z.record(z.string(), z.unknown())),
  requestId: z.string(),
})
export type Problem = z.output<typeof Problem>
