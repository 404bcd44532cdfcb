/** The message for every refusal: what happened, and what the person can do. A refused change saves nothing. */

import { ApiProblem } from '@gatehouse/contract/client'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { t } from '@lingui/core/macro'
import { brokerErrorWords } from './broker-error-words.ts'
import type { ErrorWords } from './error-text.ts'
import { providerErrorWords } from './provider-error-words.ts'
import { NotSent } from './reachability.ts'
import { ssoErrorWords } from './sso-error-words.ts'

const nothingChanged = t`Nothing was changed.`
const heldCounts = t`The installed CRL stays in use.`

export const errorWords: Record<ErrorCode, ErrorWords> = {
  invalid: {
    title: t`The server did not understand a part of the request.`,
    advice: t`${nothingChanged} Check the fields.`,
  },
  broken_json: { title: t`The request arrived damaged.`, advice: t`${nothingChanged} Try again.` },
  not_signed_in: { title: t`Your session has ended.`, advice: t`Sign in again to continue.` },
  stage_not_allowed: { title: t`Your sign-in is not complete.`, advice: t`Sign in again to complete it.` },
  not_permitted: {
    title: t`You may not do this.`,
    advice: t`${nothingChanged} An administrator can give you a role that allows it.`,
  },
  proof_required: { title: t`Confirm your identity again.`, advice: nothingChanged },
  tokens_not_accepted: { title: t`This does not work with a token.`, advice: t`Sign in with your password.` },
  cross_site: {
    title: t`The request came from another address than this console’s.`,
    advice: t`${nothingChanged} Open the console under its configured address.`,
  },
  not_found: { title: t`This does not exist.`, advice: t`It may have been deleted in the meantime.` },
  method_not_allowed: {
    title: t`The server does not support this request.`,
    advice: t`Reload the page to get its current version.`,
  },
  changed_meanwhile: {
    title: t`Someone else saved first.`,
    advice: t`Nothing was saved. Load the current version and make your change again.`,
  },
  too_large: {
    title: t`This is more data than the server accepts at once.`,
    advice: t`${nothingChanged} Send less data.`,
  },
  unsupported_media_type: { title: t`The server does not accept this content type.`, advice: nothingChanged },
  too_many_views: {
    title: t`Too many live views are open.`,
    advice: t`Close this page in other tabs or windows, then try again.`,
  },
  throttled: { title: t`Too many attempts.`, advice: t`Wait a moment, then try again.` },
  internal: {
    title: t`Something went wrong on the server.`,
    advice: t`${nothingChanged} Try again. If the error persists, report the request number to the server administrator.`,
  },
  unavailable: { title: t`The server is not ready.`, advice: t`Try again in a moment.` },
  storage_full: {
    title: t`The server disk is full.`,
    advice: t`${nothingChanged} Ask the server administrator to free disk space, then try again.`,
  },

  wrong_credentials: {
    title: t`Wrong username or password.`,
    advice: t`Check both, and the Caps Lock key.`,
  },
  sign_in_refused: {
    title: t`This user may not sign in here.`,
    advice: t`The password was right. An administrator can tell you why, and change it.`,
  },
  wrong_password: { title: t`The password is wrong.`, advice: nothingChanged },
  password_refused: {
    title: t`The new password does not meet the rules.`,
    advice: t`Your current password stays valid.`,
  },
  code_required: { title: t`Enter a code from your authenticator app.` },
  wrong_code: {
    title: t`Wrong code.`,
    advice: t`Each code works once. Wait for the next code.`,
  },
  mfa_already_enabled: {
    title: t`MFA is already enabled.`,
    advice: t`It was enabled in another window. Close this dialog and use the codes shown there.`,
  },
  mfa_not_enabled: { title: t`MFA is not enabled.`, advice: nothingChanged },
  mfa_required: { title: t`MFA is required for this account and stays on.`, advice: nothingChanged },
  enrolment_expired: {
    title: t`This secret has expired.`,
    advice: t`It lasts ten minutes and ends with the session. Close this dialog, start again, and delete the entry in your authenticator app.`,
  },
  login_incomplete: {
    title: t`This user must complete a sign-in before it can have a token.`,
    advice: t`Sign in with a browser and complete the sign-in there.`,
  },

  username_taken: {
    title: t`This username is already taken.`,
    advice: t`Usernames must differ by more than upper and lower case.`,
  },
  name_taken: { title: t`This name is already taken.`, advice: t`Choose another name.` },
  role_in_use: { title: t`The role is in use.`, advice: t`Remove it from its users first.` },
  more_than_held: {
    title: t`You cannot grant more than you hold yourself.`,
    advice: t`${nothingChanged} Leave out what exceeds your own permissions.`,
  },
  above_caller: {
    title: t`This exceeds your own permissions.`,
    advice: t`${nothingChanged} Only a user with at least these permissions can change it.`,
  },
  own_account: { title: t`You cannot do this to your own account.`, advice: t`Another administrator can do it.` },
  last_admin: {
    title: t`The last administrator cannot be removed.`,
    advice: t`${nothingChanged} First give another user the role gatehouse-admin and a password.`,
  },
  built_in: { title: t`Built-in items cannot be changed.`, advice: nothingChanged },
  unknown_role: { title: t`One of the roles no longer exists.`, advice: t`${nothingChanged} Choose the roles again.` },
  identity_provider_unsupported: {
    title: t`Users of an identity provider cannot be created here.`,
    advice: nothingChanged,
  },
  token_grant_required: { title: t`A token can be allowed, but not required.`, advice: nothingChanged },
  no_password_grant: {
    title: t`This user may not sign in with a password.`,
    advice: t`First allow Password in Edit user.`,
  },
  no_token_grant: {
    title: t`This user may not have tokens.`,
    advice: t`An administrator can allow Token in Edit user.`,
  },

  not_a_certificate: {
    title: t`This contains no certificate.`,
    advice: t`Use PEM text (“-----BEGIN CERTIFICATE-----”), a DER file, or PKCS#7. Nothing was trusted.`,
  },
  private_key: {
    title: t`This is a private key.`,
    advice: t`It was neither stored nor logged, but treat it as exposed. Upload the certificate, never the key.`,
  },
  key_store: {
    title: t`This is a key store (.p12, .pfx, .jks, .jceks).`,
    advice: t`It may contain a private key, so it was neither opened nor stored. Export its certificates as PEM: openssl pkcs12 -in store.p12 -nokeys -out certificates.pem, or keytool -exportcert -rfc -alias NAME -keystore store.jks.`,
  },
  too_many_certificates: { title: t`Too many certificates for one upload.`, advice: t`Upload them in several parts.` },
  authority_refused: {
    title: t`At least one of these cannot be trusted as a CA.`,
    advice: t`None was added. Leave it out and upload the others.`,
  },
  not_a_private_key: {
    title: t`This contains no private key that can sign.`,
    advice: t`${nothingChanged} Use PEM text with an RSA, ECDSA (P-256, P-384, P-521) or Ed25519 key.`,
  },
  key_password_required: { title: t`The private key is encrypted. Enter its password.`, advice: nothingChanged },
  key_mismatch: {
    title: t`The key belongs to another certificate.`,
    advice: t`${nothingChanged} Upload the certificate of the CA together with its own key.`,
  },
  already_built_in: { title: t`This is already the built-in CA.`, advice: nothingChanged },
  authority_unconfirmed: {
    title: t`A CA would no longer sign in a user.`,
    advice: t`${nothingChanged} The person who limited the CA has fewer permissions than the user. Confirm the CA for the user, or keep it from signing in this user.`,
  },
  limit_required: {
    title: t`You may only add a CA that is limited to usernames.`,
    advice: t`Limit it to users whose permissions you hold yourself, or ask a user with the role gatehouse-admin.`,
  },

  not_a_request: {
    title: t`This contains no certificate request.`,
    advice: t`Use the output of openssl req -new: “-----BEGIN CERTIFICATE REQUEST-----”. Nothing was issued.`,
  },
  request_refused: {
    title: t`This request cannot be signed.`,
    advice: t`Nothing was issued. Generate a new key and a new request.`,
  },
  validity_too_long: {
    title: t`That is longer than the policy allows.`,
    advice: t`Choose fewer days, or change the policy under Policies. Nothing was issued.`,
  },
  authority_withdrawn: {
    title: t`The built-in CA is not trusted for clients.`,
    advice: t`The broker would refuse its certificates. Restore its trust under Authorities, or use another CA.`,
  },
  authority_limited: {
    title: t`The built-in CA does not allow this username.`,
    advice: t`Its allowed usernames do not include this one. Extend them under Authorities, or use another CA.`,
  },
  authority_ended: {
    title: t`The built-in CA has expired.`,
    advice: t`Replace it, then issue the certificate again. Nothing was issued.`,
  },

  ...brokerErrorWords,
  ...providerErrorWords,
  ...ssoErrorWords,

  unknown_issuer: {
    title: t`No CA here signed this certificate.`,
    advice: t`Nothing was revoked. If an intermediate signed it, paste the intermediate below it, or enter its CA and serial number.`,
  },
  unknown_authority: { title: t`This CA does not exist.`, advice: t`It may have been deleted in the meantime.` },
  unknown_connection: {
    title: t`This connection has ended, or it used no certificate.`,
    advice: t`Nothing was revoked. Paste the certificate, or enter its CA and serial number.`,
  },
  already_revoked: { title: t`This certificate is already revoked.`, advice: nothingChanged },
  not_a_crl: {
    title: t`This contains no CRL.`,
    advice: t`Use one CRL: PEM text (“-----BEGIN X509 CRL-----”) or a DER file. ${heldCounts}`,
  },
  crl_delta: {
    title: t`This is a delta CRL. It only contains changes to another CRL.`,
    advice: t`Upload the complete CRL of the CA. ${heldCounts}`,
  },
  crl_indirect: {
    title: t`This CRL also covers certificates of other issuers, or attribute certificates.`,
    advice: t`Upload the CRL that this CA issues for its own certificates. ${heldCounts}`,
  },
  crl_unknown_extension: {
    title: t`This CRL has a critical extension that is not supported, so it must not be used (RFC 5280 §5.2).`,
    advice: t`Issue it without the critical extension. ${heldCounts}`,
  },
  crl_wrong_issuer: {
    title: t`Another CA issued this CRL.`,
    advice: t`Its issuer or key identifier names another CA. Upload it there. ${heldCounts}`,
  },
  crl_not_signer: {
    title: t`This CA’s key may not sign CRLs.`,
    advice: t`Its certificate needs the key usage cRLSign. You can still revoke single certificates.`,
  },
  crl_bad_signature: {
    title: t`The signature of this CRL is invalid.`,
    advice: t`It was altered, or another CA with the same name issued it. ${heldCounts}`,
  },
  crl_unsupported_signature: {
    title: t`This CRL has an unsupported signature algorithm, such as SHA-3.`,
    advice: t`It may be genuine. Sign it with SHA-256, SHA-384 or SHA-512. ${heldCounts}`,
  },
  crl_weak_signature: {
    title: t`The signature of this CRL is too weak.`,
    advice: t`Sign it with SHA-256 or better. ${heldCounts}`,
  },
  crl_not_yet_valid: {
    title: t`The date of this CRL is in the future.`,
    advice: t`Compare the clock of this server with the clock of the CA. ${heldCounts}`,
  },
  crl_older: {
    title: t`A newer CRL of this CA is already installed.`,
    advice: t`CRL number and date only increase. To go back on purpose, delete the installed CRL.`,
  },

  import_too_large: {
    title: t`This is too much for one import.`,
    advice: t`${nothingChanged} Import fewer users at once.`,
  },
  import_changed: {
    title: t`The import is no longer what the preview showed.`,
    advice: t`${nothingChanged} Someone created a user, a role or a CA in the meantime. Preview it again.`,
  },
  import_running: { title: t`Another import is running.`, advice: t`Wait until it has ended, then try again.` },
  import_empty: { title: t`There is nothing to import.`, advice: t`Look at the list of findings.` },
}

const noAnswer: ErrorWords = {
  title: t`The server did not answer.`,
  advice: t`Check your connection, then try again. The last change may or may not have been saved.`,
}

const unexpected: ErrorWords = { title: t`Something went wrong in the console.`, advice: t`Reload the page.` }

/** Any error in words. A refusal that carries facts gets the sentence that uses them. */
export function describeError(error: unknown): ErrorWords {
  if (error instanceof ApiProblem) return errorWords[error.code] ?? errorWords.internal
  if (error instanceof Error && error.name === 'ProofDeclined') return declined
  if (error instanceof NotSent) return notSent
  if (isMissingFile(error)) return missingFile
  // What `fetch` throws when there is no answer (WHATWG Fetch §5.6) is a TypeError, as is a slip in our own code.
  return error instanceof TypeError && /fetch|network|load failed/i.test(error.message) ? noAnswer : unexpected
}

/** A part of the console could not be loaded. Each browser words it in its own way; the last one is Vite's, for a style sheet. */
export function isMissingFile(error: unknown): boolean {
  const said = /dynamically imported module|importing a module script|unable to preload css/i
  return error instanceof Error && said.test(error.message)
}

const notSent: ErrorWords = {
  title: t`Not sent: the server cannot be reached.`,
  advice: t`Nothing was changed, and nothing is sent later by itself. Try again when the connection is back.`,
}

const missingFile: ErrorWords = {
  title: t`This page could not be loaded.`,
  advice: t`The server did not answer. The page opens by itself when the connection is back.`,
}

const declined: ErrorWords = { title: t`Nothing was changed.`, advice: t`Confirm your identity to do this.` }

/** The request number, for the operator of the server. */
export function requestIdOf(error: unknown): string | undefined {
  return error instanceof ApiProblem && error.problem.requestId !== '' ? error.problem.requestId : undefined
}
