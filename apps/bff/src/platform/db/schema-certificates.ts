/** The tables of CAs, client certificates and revocations. */
export interface AuthoritiesTable {
  fingerprint: string
  key_fingerprint: string
  subject: string
  issuer: string
  name: string
  name_folded: string
  notes: string | null
  der: Uint8Array
  not_after: string
  /** The parsed description, as JSON, so that lists need not parse again. */
  description: string
  built_in: 0 | 1
  uploaded_by: string | null
  uploaded_at: string
  withdrawn_at: string | null
  /** Id of the user who limited it. Null: an administrator did, or it has no limit. */
  limited_by: string | null
  version: number
}

export interface RevocationsTable {
  id: string
  /** SHA-256 of the signer's SubjectPublicKeyInfo. */
  issuer_key: string
  /** Lower-case hex without leading zeros. */
  serial_number: string
  issuer: string
  subject: string | null
  /** Empty if the subject is unknown: a sort key is never null. */
  subject_folded: string
  username: string | null
  fingerprint: string | null
  not_after: string | null
  reason: string
  note: string | null
  revoked_by: string | null
  revoked_at: string
}

export interface RevocationListsTable {
  fingerprint: string
  issuer_key: string
  /** The part of the issuer's certificates that it covers. Empty: all. One CRL for each part. */
  scope: string
  issuer: string
  /** Decimal text: up to 20 bytes. */
  number: string | null
  this_update: string
  next_update: string | null
  entry_count: number
  signature_algorithm: string
  uploaded_by: string | null
  uploaded_at: string
  der: Uint8Array
  /** The certificate of the key that signed it. Null if the CRL applies to no other key. */
  signer: Uint8Array | null
}

/** Issued by this installation. */
export interface ClientCertificatesTable {
  fingerprint: string
  /** SHA-256 of the signer's SubjectPublicKeyInfo. A revocation names a certificate by this and the serial number. */
  issuer_key: string
  /** SHA-256 of its own SubjectPublicKeyInfo. */
  own_key: string
  serial_number: string
  subject: string
  subject_folded: string
  issuer: string
  key_algorithm: string
  not_before: string
  not_after: string
  /** Null after the user was deleted; the name stays. */
  user_id: string | null
  username: string
  /** The certificate and the intermediates up to the root. */
  pem: string
  issued_at: string
  /** The username at that time. */
  issued_by: string
  renewed_by: string | null
}

/** Presented by a client that the broker admitted. */
export interface SeenCertificatesTable {
  fingerprint: string
  /** As in `client_certificates`. */
  issuer_key: string
  serial_number: string
  subject: string
  subject_folded: string
  issuer: string
  key_algorithm: string
  not_before: string
  not_after: string
  /** The user at that time, who may have been deleted. */
  user_id: string
  username: string
  /** Fingerprint of the authority at the end of the last admitted chain. */
  authority: string
  /** Certificates with the same value have the same signer and were sent with the same intermediates. */
  chain: string
  pem: string
  first_seen_at: string
  last_seen_at: string
}
