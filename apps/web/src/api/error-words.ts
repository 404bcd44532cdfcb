/** The message for every refusal: what happened, and what the person can do. A refused change saves nothing. */

import { ApiProblem } from '@gatehouse/contract/client'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { t } from '@lingui/core/macro'

export interface ErrorWords {
  title: string
  /** What was kept, and what to do. */
  advice?: string
}

const nothingChanged = t`Nothing was changed.`
const heldCounts = t`A list that is held still counts.`

export const errorWords: Record<ErrorCode, ErrorWords> = {
  invalid: { title: t`The server did not understand a part of this.`, advice: t`${nothingChanged} Check the fields.` },
  broken_json: { title: t`The request arrived damaged.`, advice: t`${nothingChanged} Try again.` },
  not_signed_in: { title: t`Your session has ended.`, advice: t`Sign in again to go on.` },
  stage_not_allowed: { title: t`Your sign-in is not complete.`, advice: t`Sign in again to complete it.` },
  not_permitted: {
    title: t`You may not do this.`,
    advice: t`${nothingChanged} An administrator can give you a role that allows it.`,
  },
  proof_required: { title: t`A proof that it is you is needed again.`, advice: nothingChanged },
  tokens_not_accepted: { title: t`This does not work with a token.`, advice: t`Sign in with your password.` },
  cross_site: {
    title: t`The request did not come from this console’s own address.`,
    advice: t`${nothingChanged} Open the console under the address that it was set up with.`,
  },
  not_found: { title: t`This does not exist.`, advice: t`It may have been deleted meanwhile.` },
  method_not_allowed: {
    title: t`The server does not offer this.`,
    advice: t`Reload the page to get its current version.`,
  },
  changed_meanwhile: {
    title: t`Somebody changed this while you were editing.`,
    advice: t`Nothing was saved. Load the current version and make your change again.`,
  },
  too_large: { title: t`This is more than the server takes at once.`, advice: t`${nothingChanged} Send less.` },
  unsupported_media_type: { title: t`The server does not take this kind of content.`, advice: nothingChanged },
  throttled: { title: t`Too many attempts.`, advice: t`Wait a little, then try again.` },
  internal: {
    title: t`Something went wrong on the server.`,
    advice: `${nothingChanged} Try again; if it stays, give the request’s number to whoever runs the server.`,
  },
  unavailable: { title: t`The server is not ready.`, advice: t`Nothing is lost. Try again in a moment.` },
  storage_full: {
    title: t`The disk of the server is full.`,
    advice: t`${nothingChanged} Tell the administrator of the server to free some space, then try again.`,
  },

  wrong_credentials: {
    title: t`The username or the password is wrong.`,
    advice: t`Check both, and the Caps Lock key.`,
  },
  sign_in_refused: {
    title: t`This user may not sign in here.`,
    advice: t`The password was right. An administrator can say why, and change it.`,
  },
  wrong_password: { title: t`The password is wrong.`, advice: nothingChanged },
  password_refused: { title: t`The new password does not meet the rules.`, advice: t`The old one still holds.` },
  code_required: { title: t`A code from your authenticator app is needed.` },
  wrong_code: {
    title: t`This code is not right.`,
    advice: t`Each code works once. Wait for the next one, and try that.`,
  },
  mfa_already_enabled: {
    title: t`Your second factor is on already.`,
    advice: t`It was turned on in another window. Close this: the codes of that one count.`,
  },
  mfa_not_enabled: { title: t`There is no second factor to turn off.`, advice: nothingChanged },
  mfa_required: { title: t`A second factor is demanded of this account, so it stays on.`, advice: nothingChanged },
  enrolment_expired: {
    title: t`This secret is no longer good.`,
    advice: t`It lasts ten minutes, and ends with the session. Close this and begin again. Delete the entry in your authenticator app.`,
  },
  login_incomplete: {
    title: t`Something is due before this user can have a token.`,
    advice: t`Sign in in the browser and complete it there.`,
  },

  username_taken: { title: t`This username is taken.`, advice: t`Usernames differ by more than upper and lower case.` },
  name_taken: { title: t`This name is taken.`, advice: t`Choose another one.` },
  role_in_use: { title: t`The role is in use.`, advice: t`Take it away from its users first.` },
  more_than_held: {
    title: t`You cannot give more than you hold yourself.`,
    advice: t`${nothingChanged} Leave out what goes beyond your own permissions.`,
  },
  above_caller: {
    title: t`This goes beyond your own permissions.`,
    advice: t`${nothingChanged} Only somebody who may do at least as much can change it.`,
  },
  own_account: { title: t`You cannot do this to your own account.`, advice: t`Another administrator can.` },
  last_admin: {
    title: t`The last administrator must stay.`,
    advice: t`${nothingChanged} Give somebody else the role gatehouse-admin and a password first.`,
  },
  built_in: { title: t`What is built in cannot be changed.`, advice: nothingChanged },
  unknown_role: { title: t`One of the roles no longer exists.`, advice: t`${nothingChanged} Choose the roles again.` },
  identity_provider_unsupported: { title: t`Only local users are possible so far.`, advice: nothingChanged },
  token_grant_required: { title: t`A token can be allowed, but not required.`, advice: nothingChanged },
  no_password_grant: {
    title: t`This user may not sign in with a password.`,
    advice: t`Allow Password in Edit User first.`,
  },
  no_token_grant: {
    title: t`This user may not have tokens.`,
    advice: t`An administrator can allow Token in Edit User.`,
  },

  not_a_certificate: {
    title: t`There is no certificate in this.`,
    advice: t`Expected is PEM text (“-----BEGIN CERTIFICATE-----”), a DER file, or PKCS#7. Nothing was trusted.`,
  },
  private_key: {
    title: t`This is a private key.`,
    advice: t`It was neither stored nor logged, but should be treated as seen. Give the certificate, never the key.`,
  },
  key_store: {
    title: t`This is a key store (.p12, .pfx, .jks, .jceks).`,
    advice: t`It may hold a private key, so it was neither opened nor stored. Export its certificates as PEM: openssl pkcs12 -in store.p12 -nokeys -out certificates.pem, or keytool -exportcert -rfc -alias NAME -keystore store.jks.`,
  },
  too_many_certificates: { title: t`These are more certificates than fit at once.`, advice: t`Upload them in parts.` },
  authority_refused: {
    title: t`At least one of these cannot be trusted as an authority.`,
    advice: t`None was added. Leave it out and upload the others.`,
  },
  not_a_private_key: {
    title: t`There is no private key in this that can sign here.`,
    advice: t`${nothingChanged} Expected is PEM text with an RSA, ECDSA (P-256, P-384, P-521) or Ed25519 key.`,
  },
  key_password_required: { title: t`The private key is encrypted: its password is needed.`, advice: nothingChanged },
  key_mismatch: {
    title: t`The key belongs to another certificate.`,
    advice: t`${nothingChanged} Give the certificate of the authority together with its own key.`,
  },
  already_built_in: { title: t`This is the built-in authority already.`, advice: nothingChanged },
  authority_unconfirmed: {
    title: t`An authority would no longer vouch for a user.`,
    advice: t`${nothingChanged} Somebody limited it who may do less than the user. Confirm it for the user, or keep it out.`,
  },
  limit_required: {
    title: t`You may only add an authority that is limited to usernames.`,
    advice: t`Limit it to users whose permissions you hold yourself, or ask somebody with the role gatehouse-admin.`,
  },

  not_a_request: {
    title: t`There is no certificate request in this.`,
    advice: t`Expected is what openssl req -new writes: “-----BEGIN CERTIFICATE REQUEST-----”. Nothing was issued.`,
  },
  request_refused: {
    title: t`This request cannot be signed.`,
    advice: t`Nothing was issued. Make a new key and a new request with it.`,
  },
  validity_too_long: {
    title: t`That is longer than the policy allows.`,
    advice: t`Choose fewer days, or change the policy under Settings. Nothing was issued.`,
  },
  authority_withdrawn: {
    title: t`The built-in authority is not trusted for clients.`,
    advice: t`What it signs would not be admitted. Restore its trust under Authorities, or use another authority.`,
  },
  authority_limited: {
    title: t`The built-in authority may not vouch for this user.`,
    advice: t`Its limit on usernames leaves this one out. Widen it under Authorities, or use another authority.`,
  },
  authority_ended: {
    title: t`The built-in authority has expired.`,
    advice: t`Replace it, then issue anew. Nothing was issued.`,
  },

  unknown_issuer: {
    title: t`No authority here has signed this certificate.`,
    advice: t`Nothing was revoked. If an intermediate signed it, paste that one below it; or name its authority and serial number.`,
  },
  unknown_authority: { title: t`This authority is not here.`, advice: t`It may have been deleted meanwhile.` },
  unknown_connection: {
    title: t`This connection has ended, or has shown no certificate.`,
    advice: t`Nothing was revoked. Paste the certificate, or name its authority and serial number.`,
  },
  already_revoked: { title: t`This certificate is revoked already.`, advice: nothingChanged },
  not_a_crl: {
    title: t`There is no revocation list in this.`,
    advice: t`Expected is one list: PEM text (“-----BEGIN X509 CRL-----”) or a DER file. ${heldCounts}`,
  },
  crl_delta: {
    title: t`This list only says what has changed since another one (a delta).`,
    advice: t`Upload the authority’s complete list. ${heldCounts}`,
  },
  crl_indirect: {
    title: t`This list is also about other issuers’ certificates, or about attributes.`,
    advice: t`Upload the list that this authority makes about its own certificates. ${heldCounts}`,
  },
  crl_unknown_extension: {
    title: t`This list demands something that is not understood here, so it must not be used (RFC 5280 §5.2).`,
    advice: t`Have it made without the critical extension. ${heldCounts}`,
  },
  crl_wrong_issuer: {
    title: t`Another authority has made this list.`,
    advice: t`Its issuer, or the key that it names, is not this one. Upload it there. ${heldCounts}`,
  },
  crl_not_signer: {
    title: t`This authority says itself that its key may not sign revocation lists.`,
    advice: t`Its certificate needs the key usage cRLSign. Single certificates can be revoked all the same.`,
  },
  crl_bad_signature: {
    title: t`The signature of this list is wrong.`,
    advice: t`It was altered, or another authority of that name has made it. ${heldCounts}`,
  },
  crl_unsupported_signature: {
    title: t`This list is signed in a way that is not supported here, such as SHA-3.`,
    advice: t`It may be genuine. Have it signed with SHA-256, SHA-384 or SHA-512. ${heldCounts}`,
  },
  crl_weak_signature: {
    title: t`The signature of this list is too weak.`,
    advice: t`Have it signed with SHA-256 or better. ${heldCounts}`,
  },
  crl_not_yet_valid: {
    title: t`This list is from the future.`,
    advice: t`Compare the clock of this server with that of the authority. ${heldCounts}`,
  },
  crl_older: {
    title: t`A newer list of this authority is held already.`,
    advice: t`Number and date only ever rise. To go back on purpose, delete the list that is held.`,
  },
}

const noAnswer: ErrorWords = {
  title: t`The server did not answer.`,
  advice: t`Check the connection, then try again. It is not known whether the last change was made.`,
}

const unexpected: ErrorWords = { title: t`Something went wrong in the console.`, advice: t`Reload the page.` }

/** Any error in words. A refusal that carries facts gets the sentence that uses them. */
export function describeError(error: unknown): ErrorWords {
  if (error instanceof ApiProblem) return errorWords[error.code] ?? errorWords.internal
  if (error instanceof Error && error.name === 'ProofDeclined') return declined
  // What `fetch` throws when there is no answer (WHATWG Fetch §5.6) is a TypeError, as is a slip in our own code.
  return error instanceof TypeError && /fetch|network|load failed/i.test(error.message) ? noAnswer : unexpected
}

const declined: ErrorWords = { title: t`Nothing was changed.`, advice: t`This needs a proof that it is you.` }

/** The request number, for the operator of the server. */
export function requestIdOf(error: unknown): string | undefined {
  return error instanceof ApiProblem && error.problem.requestId !== '' ? error.problem.requestId : undefined
}
