/** The texts for the reasons of the broker: what happened, and what the engineer at the device can do. */

import type { Decision, Listener, RefusalReason } from '@gatehouse/contract/brokers/broker'
import { t } from '@lingui/core/macro'

export interface ReasonWords {
  sentence: string
  advice: string
}

export const outcomeWords: Record<Decision['outcome'], string> = {
  admitted: t`Admitted`,
  refused: t`Refused`,
  closed: t`Closed`,
}

export const methodWords: Record<NonNullable<Decision['method']>, string> = {
  certificate: t`Certificate`,
  password: t`Password`,
  'certificate+password': t`Certificate and password`,
}

export const reasonWords: Record<RefusalReason, ReasonWords> = {
  no_certificate: {
    sentence: t`The client presented no certificate, and this listener requires one.`,
    advice: t`Give the client its certificate and key (--cert and --key).`,
  },
  malformed: {
    sentence: t`What the client presented could not be read as a certificate.`,
    advice: t`Check the file with openssl x509 -in client.crt -text.`,
  },
  certificate_too_large: {
    sentence: t`A certificate is too large, or has too many name parts or extensions.`,
    advice: t`Use a certificate with at most 32 name parts and 64 extensions. A whole chain may have 64 KiB.`,
  },
  too_many_certificates: {
    sentence: t`The client sent more certificates than a chain can have.`,
    advice: t`Send the client’s own certificate and its intermediates only.`,
  },
  empty_trust_store: {
    sentence: t`No authority is trusted yet, so no certificate can be.`,
    advice: t`Upload the authority that signed it under Authorities.`,
  },
  unknown_authority: {
    sentence: t`No trusted authority has signed this certificate.`,
    advice: t`Upload the authority that signed it, or send the missing intermediate along. One of the same name with another key does not count.`,
  },
  not_yet_valid: {
    sentence: t`The certificate is not valid yet.`,
    advice: t`Check the clock of the machine that signed it.`,
  },
  expired: { sentence: t`The certificate has expired.`, advice: t`Issue a new one for this device.` },
  authority_expired: {
    sentence: t`The authority, or an intermediate, has expired.`,
    advice: t`Renew the authority and upload the new certificate.`,
  },
  bad_signature: {
    sentence: t`A signature in the chain is wrong.`,
    advice: t`It names the key of a trusted authority, which did not sign it: damaged or forged. Compare with openssl verify -CAfile.`,
  },
  unsupported_signature: {
    sentence: t`A certificate in the chain is signed in a way that is not supported here, such as SHA-3 or DSA.`,
    advice: t`It may be genuine. Issue it with SHA-256, SHA-384 or SHA-512 and RSA or ECDSA, or with Ed25519.`,
  },
  not_a_ca: {
    sentence: t`A certificate in the chain signs others without being an authority.`,
    advice: t`Its issuer must be made with basicConstraints=CA:TRUE.`,
  },
  path_too_long: {
    sentence: t`There are more intermediates than an authority in the chain allows.`,
    advice: t`Sign the certificate closer to the root, or raise the path length of the authority.`,
  },
  wrong_usage: {
    sentence: t`The certificate is not made for clients.`,
    advice: t`Issue it with extendedKeyUsage=clientAuth, or without that extension.`,
  },
  client_is_authority: {
    sentence: t`The client presented the certificate of an authority, which could issue certificates for other names.`,
    advice: t`Issue a certificate for this device with basicConstraints=CA:FALSE.`,
  },
  key_not_for_tls: {
    sentence: t`TLS 1.3 has no signature for a key of this kind (secp256k1).`,
    advice: t`Issue a certificate for a key on P-256, P-384, P-521 or a brainpool curve, for Ed25519 or for RSA.`,
  },
  weak_key: {
    sentence: t`A key in the chain is too weak.`,
    advice: t`Use RSA from 2048 bits, ECDSA P-256 or Ed25519.`,
  },
  weak_signature: { sentence: t`A signature in the chain is too weak.`, advice: t`Sign with SHA-256 or better.` },
  unknown_critical_extension: {
    sentence: t`A certificate in the chain demands something that is not understood here.`,
    advice: t`Issue it without the critical extension.`,
  },
  name_constraints: {
    sentence: t`An authority in the chain may not sign a name that the certificate has.`,
    advice: t`Compare the subject and the alternative names with the authority’s name constraints.`,
  },
  no_valid_policy: {
    sentence: t`An authority in the chain demands a certificate policy, and the certificate has none that counts.`,
    advice: t`Issue it with a policy that all authorities above it have (certificatePolicies, RFC 5280 §4.2.1.4).`,
  },
  revoked: {
    sentence: t`The certificate, or one that it relies on, was revoked.`,
    advice: t`Give the device a new certificate. Revocations says who revoked it and why, or whose list names it.`,
  },
  crl_expired: {
    sentence: t`The revocation list of its authority is out of date, and by policy nobody gets in then.`,
    advice: t`Upload the authority’s current list, or change the policy.`,
  },
  handshake_failed: {
    sentence: t`The TLS handshake did not complete.`,
    advice: t`The client may not trust this server: give it the built-in authority (--cafile), and check host name and TLS version.`,
  },

  no_common_name: {
    sentence: t`The certificate has no Common Name, and so no username.`,
    advice: t`Issue it with CN=<username> in the subject.`,
  },
  several_common_names: {
    sentence: t`The certificate has more than one Common Name.`,
    advice: t`Issue it with exactly one CN.`,
  },
  common_name_encoding: {
    sentence: t`The Common Name is not written as plain text.`,
    advice: t`Issue it as a UTF8String or PrintableString. Older string types are read where they hold plain ASCII only.`,
  },
  common_name_characters: {
    sentence: t`The Common Name has characters that no username has.`,
    advice: t`Letters, digits and . _ - @ : are possible.`,
  },
  common_name_length: {
    sentence: t`The Common Name is too short or too long for a username.`,
    advice: t`Usernames have 3 to 64 characters.`,
  },
  not_a_username: {
    sentence: t`No user can have this Common Name as its username.`,
    advice: t`Issue it with the username as CN: 3 to 64 letters, digits and . _ - @ :, the first a letter or a digit.`,
  },
  username_mismatch: {
    sentence: t`The MQTT username is another one than the certificate’s Common Name.`,
    advice: t`Leave the MQTT username out, or make it the same.`,
  },
  authority_limit: {
    sentence: t`The authority is limited to other usernames.`,
    advice: t`Widen its limit under Authorities, or have the certificate signed by another authority.`,
  },
  authority_unconfirmed: {
    sentence: t`The user may do more than the person who limited the authority, and nobody has confirmed it for this user.`,
    advice: t`Take the limit over under Authorities, or give the user fewer permissions.`,
  },
  no_credentials: {
    sentence: t`The client gave neither a certificate nor a username and password.`,
    advice: t`Give it one of the two.`,
  },
  wrong_credentials: {
    sentence: t`The username or the password is wrong.`,
    advice: t`Check both; an administrator can set a new password.`,
  },
  throttled: {
    sentence: t`Too many wrong passwords; this user has to wait.`,
    advice: t`Stop the device from trying, then wait. Even the right password is refused until then.`,
  },
  busy: {
    sentence: t`Too many passwords were being checked at once.`,
    advice: t`The client should try again by itself.`,
  },
  unknown_user: {
    sentence: t`No user has this name.`,
    advice: t`Add a user with exactly this name: of a certificate, its Common Name. A username that a client typed is not shown, because it may be a password.`,
  },
  disabled: { sentence: t`The user is disabled.`, advice: t`Enable it in Edit User.` },
  no_certificate_grant: {
    sentence: t`The certificate is fine, but this user may not sign in with one.`,
    advice: t`Edit User, Advanced Mode, switch Certificate on.`,
  },
  no_password_grant: {
    sentence: t`The password is right, but this user may not sign in with one.`,
    advice: t`Edit User, Advanced Mode, switch Password on.`,
  },
  required_grant_missing: {
    sentence: t`The user must also prove something else in the same connection.`,
    advice: t`Send all that is marked as required in Edit User: certificate and password together.`,
  },
  client_id_taken: {
    sentence: t`Another user holds this client id.`,
    advice: t`Give each device its own client id, for instance its username.`,
  },
  bad_client_id: { sentence: t`The client id is not usable.`, advice: t`Use a client id of printable characters.` },
  enhanced_authentication: {
    sentence: t`The client asked for enhanced authentication (MQTT 5), which the broker does not offer.`,
    advice: t`Turn it off at the client, and use a certificate or a password.`,
  },
  too_many_connections: {
    sentence: t`There are as many connections as the broker allows, in all or for this user.`,
    advice: t`Close some under Connections.`,
  },
  too_many_sessions: {
    sentence: t`There are as many sessions as the broker allows, in all or for this user.`,
    advice: t`Let clients connect with a clean session, or with a session expiry.`,
  },
  connects_too_fast: {
    sentence: t`The clients of this user connect too often.`,
    advice: t`Let the client wait before it connects again. Two devices with the same client id end each other’s connections.`,
  },
  will_quota: {
    sentence: t`The wills of this user, or of all users, take up too much memory.`,
    advice: t`Make the will smaller.`,
  },
  topic_too_deep: { sentence: t`The topic has more levels than the broker allows.`, advice: t`Use fewer levels.` },
  filter_invalid: {
    sentence: t`The client subscribed to a topic filter that is not valid.`,
    advice: t`Use + for one whole level, and # for the whole last level.`,
  },
  subscription_quota: {
    sentence: t`The client, its user or all users have as many subscriptions as the broker allows.`,
    advice: t`Subscribe with wildcards instead of many single topics. The connection stayed.`,
  },
  retained_quota: {
    sentence: t`The message was delivered but not retained, because there are as many retained messages as the broker allows.`,
    advice: t`Delete retained messages that are not needed.`,
  },
  queue_full: {
    sentence: t`Messages for this client were dropped, because as many wait for it as the broker allows.`,
    advice: t`Let the client connect more often, or read faster.`,
  },
  slow_reader: {
    sentence: t`Messages of QoS 0 for this client were dropped, because it reads too slowly.`,
    advice: t`Subscribe with QoS 1, or to fewer topics.`,
  },

  subscribe_refused: {
    sentence: t`The user may not subscribe to this topic.`,
    advice: t`Give it a role that may subscribe to it. The connection stayed.`,
  },
  publish_refused: {
    sentence: t`The user may not publish to this topic; MQTT 3.1.1 can only close the connection.`,
    advice: t`Give it a role that may publish to it, and mind its publish prefix.`,
  },
  will_refused: {
    sentence: t`The user may not publish its will to this topic.`,
    advice: t`Give it a role that may, or take the will out.`,
  },

  withdrawn: {
    sentence: t`What the connection relied on was taken away.`,
    advice: t`The audit shows who changed the user, its roles or the authority.`,
  },
  closed_by_admin: { sentence: t`An administrator closed the connection.`, advice: t`The client may come back.` },
  taken_over: {
    sentence: t`The same user connected again under this client id.`,
    advice: t`Again and again? Then two devices share one client id: give each its own.`,
  },
  certificate_ended: { sentence: t`The certificate expired while connected.`, advice: t`Issue a new one.` },
  protocol_error: {
    sentence: t`The client sent a packet that MQTT does not allow.`,
    advice: t`MQTT 5 clients get the cause in the reason string of DISCONNECT. Update the client’s library.`,
  },
  packet_too_large: { sentence: t`A packet is larger than the broker allows.`, advice: t`Send smaller messages.` },
  quota_exceeded: {
    sentence: t`The client put too many topic filters into one packet, or set topic aliases that are too long.`,
    advice: t`Subscribe in several packets.`,
  },
}

/** After the username: what happened, and for a refusal what can be done. */
export function decisionWords({
  outcome,
  reason,
  method,
  certificate,
  holder = null,
}: Pick<Decision, 'outcome' | 'reason' | 'method' | 'certificate'> & { holder?: string | null }):
  | ReasonWords
  | { sentence: string; advice?: string } {
  if (reason === 'client_id_taken' && holder)
    return { ...reasonWords[reason], sentence: t`${holder} holds this client id.` }
  if (reason !== null) return reasonWords[reason]
  if (outcome === 'closed') return { sentence: t`The connection ended.` }
  const vouched = certificate?.authorityName ? t`, vouched for by ${certificate.authorityName}` : ''
  return { sentence: t`came in with ${method === null ? 'nothing' : meansWords[method]}${vouched}.` }
}

const meansWords: Record<NonNullable<Decision['method']>, string> = {
  certificate: t`its certificate`,
  password: t`its password`,
  'certificate+password': t`its certificate and its password`,
}

/** The credentials that a listener demands. */
export const clientCertificateWords: Record<Listener['clientCertificate'], string> = {
  required: t`with a certificate only`,
  accepted: t`with a certificate or a password`,
  ignored: 'with a password; certificates are ignored',
  none: t`with a password, not encrypted`,
}
