/** What keeps a certificate from being trusted, and what one should know before trusting it. */
import type { AuthorityProblem, AuthorityWarning } from '@gatehouse/contract/authorities'

export interface Remark {
  /** For a badge. */
  label: string
  sentence: string
}

export const authorityProblemWords: Record<AuthorityProblem, Remark> = {
  not_a_ca: {
    label: 'not a CA',
    sentence: 'It is not the certificate of an authority (CA:TRUE is missing). Upload the one that signed it.',
  },
  expired: { label: 'expired', sentence: 'It has expired: nothing that it signed would be admitted.' },
  weak_key: {
    label: 'weak key',
    sentence: 'Its key is too short to be safe. Make a new one: RSA from 2048 bits, or ECDSA.',
  },
  key_too_large: {
    label: 'key too large',
    sentence: 'Its key is larger than is checked here; it would slow every sign-in.',
  },
  wrong_usage: {
    label: 'wrong usage',
    sentence: 'It says itself that its key may not sign certificates, or not those of clients.',
  },
  name_constraints: {
    label: 'name constraints',
    sentence: 'It is limited to certain names by a rule that is not understood here.',
  },
  unknown_critical_extension: {
    label: 'unknown demand',
    sentence: 'It carries a critical extension that is not understood here, and so must be refused (RFC 5280 §4.2).',
  },
}

export const authorityWarningWords: Record<AuthorityWarning, Remark> = {
  not_yet_valid: {
    label: 'not yet valid',
    sentence: 'It begins to be valid later; until then nobody gets in with it.',
  },
  expires_soon: { label: 'expires soon', sentence: 'It expires soon. Nothing that it signed is admitted after that.' },
  version_1: {
    label: 'X.509 v1',
    sentence:
      'It is of the old version 1 and does not say that it is an authority. It may sign clients directly, nothing further.',
  },
  no_key_identifier: {
    label: 'no key identifier',
    sentence: 'It carries no key identifier. That works, but makes chains harder to tell apart.',
  },
  no_key_usage: { label: 'no key usage', sentence: 'It does not say what its key may be used for.' },
  intermediate: {
    label: 'intermediate',
    sentence: 'It was signed by another authority. Trusted is this one alone, not the one above it.',
  },
  weak_signature: {
    label: 'weak signature',
    sentence: 'It is signed with SHA-1. As a trusted root that is not checked; still, plan to replace it.',
  },
  same_subject: {
    label: 'same name',
    sentence: 'Another authority has the same name and a different key. Both work; make sure that you expect both.',
  },
  withdrawn: { label: 'not for clients', sentence: 'Its trust for clients was withdrawn: nobody gets in with it.' },
}
