/** The texts for the reasons of the broker: what happened, and what the engineer at the device can do. */

import type { Decision, RefusalReason } from '@gatehouse/contract/brokers/broker'
import { t } from '@lingui/core/macro'
import { admissionWords } from './admission-words.ts'
import { rightsWords } from './rights-words.ts'
import { type ReasonWords, transportWords } from './transport-words.ts'

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
  ...transportWords,
  no_certificate: {
    sentence: t`The client sent no certificate, and this listener requires one.`,
    advice: t`Configure the client’s certificate and key (--cert and --key).`,
  },
  malformed: {
    sentence: t`The client sent a certificate that cannot be parsed.`,
    advice: t`Check the file with openssl x509 -in client.crt -text.`,
  },
  certificate_too_large: {
    sentence: t`A certificate is too large, or has too many name parts or extensions.`,
    advice: t`Use a certificate with at most 32 name parts and 64 extensions. A chain may have at most 64 KiB.`,
  },
  too_many_certificates: {
    sentence: t`The client sent more certificates than a chain can have.`,
    advice: t`Send only the client’s certificate and its intermediates.`,
  },
  empty_trust_store: {
    sentence: t`No CA is trusted yet.`,
    advice: t`Upload the CA that signed it under Authorities.`,
  },
  unknown_authority: {
    sentence: t`No trusted CA signed this certificate.`,
    advice: t`Upload the CA that signed it, or send the missing intermediate. A CA with the same name and another key does not match.`,
  },
  not_yet_valid: {
    sentence: t`The certificate is not valid yet.`,
    advice: t`Check the clock of the machine that signed it.`,
  },
  expired: { sentence: t`The certificate has expired.`, advice: t`Issue a new certificate for this device.` },
  authority_expired: {
    sentence: t`The CA or an intermediate has expired.`,
    advice: t`Renew the CA and upload the new certificate.`,
  },
  bad_signature: {
    sentence: t`A signature in the chain is invalid.`,
    advice: t`It names the key of a trusted CA that did not sign it. It is damaged or forged. Check it with openssl verify -CAfile.`,
  },
  unsupported_signature: {
    sentence: t`A certificate in the chain has an unsupported signature algorithm, such as SHA-3 or DSA.`,
    advice: t`It may be genuine. Issue it with SHA-256, SHA-384 or SHA-512 and RSA or ECDSA, or with Ed25519.`,
  },
  not_a_ca: {
    sentence: t`A certificate in the chain signed another one but is not a CA.`,
    advice: t`Its issuer must have basicConstraints=CA:TRUE.`,
  },
  path_too_long: {
    sentence: t`There are more intermediates than a CA in the chain allows.`,
    advice: t`Sign the certificate closer to the root, or raise the path length of the CA.`,
  },
  wrong_usage: {
    sentence: t`The certificate is not meant for clients.`,
    advice: t`Issue it with extendedKeyUsage=clientAuth, or without that extension.`,
  },
  client_is_authority: {
    sentence: t`The client sent a CA certificate, which could issue certificates for other names.`,
    advice: t`Issue a certificate for this device with basicConstraints=CA:FALSE.`,
  },
  key_not_for_tls: {
    sentence: t`TLS 1.3 does not support keys of this kind (secp256k1).`,
    advice: t`Issue a certificate with an ECDSA key (P-256, P-384, P-521 or brainpool), an Ed25519 key or an RSA key.`,
  },
  weak_key: {
    sentence: t`A key in the chain is too weak.`,
    advice: t`Use RSA with at least 2048 bits, ECDSA P-256 or Ed25519.`,
  },
  weak_signature: { sentence: t`A signature in the chain is too weak.`, advice: t`Sign with SHA-256 or better.` },
  unknown_critical_extension: {
    sentence: t`A certificate in the chain has a critical extension that Gatehouse does not support.`,
    advice: t`Issue it without the critical extension.`,
  },
  name_constraints: {
    sentence: t`A CA in the chain is not allowed to sign a name in the certificate.`,
    advice: t`Compare the subject and the alternative names with the name constraints of the CA.`,
  },
  no_valid_policy: {
    sentence: t`A CA in the chain requires a certificate policy that the certificate does not have.`,
    advice: t`Issue it with a policy that all its issuers have (certificatePolicies, RFC 5280 §4.2.1.4).`,
  },
  revoked: {
    sentence: t`The certificate or one of its issuers was revoked.`,
    advice: t`Issue a new certificate for the device. Revocations shows who revoked it and why, or which CRL lists it.`,
  },
  crl_expired: {
    sentence: t`The CRL of its CA has expired, and the policy refuses its clients until a new one is uploaded.`,
    advice: t`Upload the current CRL of the CA, or change the policy.`,
  },
  handshake_failed: {
    sentence: t`The TLS handshake failed.`,
    advice: t`The client may not trust this server. Give it the built-in CA (--cafile), and check host name and TLS version.`,
  },

  no_common_name: {
    sentence: t`The certificate has no Common Name and therefore no username.`,
    advice: t`Issue it with CN=<username> in the subject.`,
  },
  several_common_names: {
    sentence: t`The certificate has more than one Common Name.`,
    advice: t`Issue it with exactly one CN.`,
  },
  common_name_encoding: {
    sentence: t`The Common Name is not plain text.`,
    advice: t`Issue it with a UTF8String or PrintableString. Older string types are accepted only with plain ASCII.`,
  },
  common_name_characters: {
    sentence: t`The Common Name has characters that a username cannot have.`,
    advice: t`Allowed are letters, digits and . _ - @ :`,
  },
  common_name_length: {
    sentence: t`The Common Name is too short or too long for a username.`,
    advice: t`Usernames have 3 to 64 characters.`,
  },
  not_a_username: {
    sentence: t`This Common Name cannot be a username.`,
    advice: t`Issue it with the username as CN: 3 to 64 characters, letters, digits and . _ - @ :, starting with a letter or a digit.`,
  },
  username_mismatch: {
    sentence: t`The MQTT username differs from the certificate’s Common Name.`,
    advice: t`Omit the MQTT username, or make it the same.`,
  },
  authority_limit: {
    sentence: t`The CA does not allow this username.`,
    advice: t`Extend the allowed usernames of the CA under Authorities, or let another CA sign the certificate.`,
  },
  authority_unconfirmed: {
    sentence: t`The user may do more than the person who limited the CA. An administrator must confirm the CA for this user.`,
    advice: t`Confirm the limit under Authorities, or reduce the user’s permissions.`,
  },
  no_credentials: {
    sentence: t`The client sent neither a certificate nor a username and password.`,
    advice: t`Configure one of the two.`,
  },
  wrong_credentials: {
    sentence: t`Wrong username or password.`,
    advice: t`Check both. An administrator can set a new password.`,
  },
  throttled: {
    sentence: t`Too many wrong passwords. This user has to wait.`,
    advice: t`Stop the device from trying, then wait. Until then even the right password is refused.`,
  },
  busy: {
    sentence: t`The server was checking too many passwords at once.`,
    advice: t`The client should retry by itself.`,
  },
  unknown_user: {
    sentence: t`Unknown user.`,
    advice: t`Create a user whose name matches the certificate’s Common Name. A username that a client typed is not shown, because it may be a password.`,
  },
  ...admissionWords,
  disabled: {
    sentence: t`The user or its identity provider is disabled.`,
    advice: t`Enable the user in Edit user, or enable the identity provider.`,
  },
  no_certificate_grant: {
    sentence: t`The certificate is valid, but this user may not sign in with a certificate.`,
    advice: t`Open Edit user, Advanced mode, and turn on Certificate.`,
  },
  no_password_grant: {
    sentence: t`The password is right, but this user may not sign in with one.`,
    advice: t`Open Edit user, Advanced mode, and turn on Password.`,
  },
  required_grant_missing: {
    sentence: t`The user must send another proof in the same connection.`,
    advice: t`Send everything that Edit user marks as required: certificate and password together.`,
  },
  client_id_taken: {
    sentence: t`Another user is connected with this client id.`,
    advice: t`Give each device its own client id, for example its username.`,
  },
  bad_client_id: { sentence: t`The client id is invalid.`, advice: t`Use a client id with printable characters.` },
  enhanced_authentication: {
    sentence: t`The client requested enhanced authentication (MQTT 5), which the broker does not support.`,
    advice: t`Turn it off in the client, and use a certificate or a password.`,
  },
  too_many_connections: {
    sentence: t`The maximum number of connections is reached, in total or for this user.`,
    advice: t`Close some under Connections.`,
  },
  too_many_sessions: {
    sentence: t`The maximum number of sessions is reached, in total or for this user.`,
    advice: t`Let clients connect with a clean session, or with a session expiry.`,
  },
  connects_too_fast: {
    sentence: t`The clients of this user connect too often.`,
    advice: t`Let the client wait before it reconnects. Two devices with the same client id end each other’s connections.`,
  },
  will_quota: {
    sentence: t`The wills of this user, or of all users, take up too much memory.`,
    advice: t`Make the will smaller.`,
  },
  topic_too_deep: { sentence: t`The topic has more levels than the broker allows.`, advice: t`Use fewer levels.` },
  filter_invalid: {
    sentence: t`The client subscribed to an invalid topic filter.`,
    advice: t`Use + for one whole level and # for all levels at the end.`,
  },
  subscription_quota: {
    sentence: t`The client, its user or all users have reached the maximum number of subscriptions.`,
    advice: t`Subscribe with wildcards instead of many single topics. The connection stayed open.`,
  },
  retained_quota: {
    sentence: t`The message was delivered but not retained, because the broker has reached its maximum number of retained messages.`,
    advice: t`Delete retained messages that you do not need.`,
  },
  queue_full: {
    sentence: t`Messages for this client were dropped, because the maximum number of messages is already waiting for it.`,
    advice: t`Let the client connect more often, or read faster.`,
  },
  slow_reader: {
    sentence: t`Messages of QoS 0 for this client were dropped, because it reads too slowly.`,
    advice: t`Subscribe with QoS 1, or to fewer topics.`,
  },

  ...rightsWords,

  withdrawn: {
    sentence: t`Access was removed.`,
    advice: t`The audit log shows who changed the user, its roles or the CA.`,
  },
  closed_by_admin: { sentence: t`An administrator closed the connection.`, advice: t`The client may reconnect.` },
  taken_over: {
    sentence: t`The same user reconnected with this client id.`,
    advice: t`If this repeats, two devices use the same client id. Give each device its own.`,
  },
  certificate_ended: {
    sentence: t`The certificate expired during the connection.`,
    advice: t`Issue a new certificate.`,
  },
  listener_closed: {
    sentence: t`The listener was deleted or changed.`,
    advice: t`Connect by another listener, or see what was changed on the page Listeners.`,
  },
  protocol_error: {
    sentence: t`The client sent a packet that MQTT does not allow.`,
    advice: t`MQTT 5 clients get the cause in the reason string of DISCONNECT. Update the client’s library.`,
  },
  packet_too_large: { sentence: t`A packet is larger than the broker allows.`, advice: t`Send smaller messages.` },
  quota_exceeded: {
    sentence: t`The client put too many topic filters into one packet, or set topic aliases that are too long.`,
    advice: t`Subscribe with several packets.`,
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
    return { ...reasonWords[reason], sentence: t`${holder} is connected with this client id.` }
  if (reason !== null) return reasonWords[reason]
  if (outcome === 'closed') return { sentence: t`The connection ended.` }
  return { sentence: admittedWords(method, certificate?.authorityName ?? null) }
}

function admittedWords(method: Decision['method'], issuer: string | null): string {
  if (method === null) return t`connected`
  if (method === 'password') return t`connected with a password`
  if (method === 'certificate') {
    return issuer ? t`connected with a certificate issued by ${issuer}` : t`connected with a certificate`
  }
  return issuer
    ? t`connected with a password and a certificate issued by ${issuer}`
    : t`connected with a password and a certificate`
}
