/** The refusals for unreadable input, the same for certificates, requests and CRLs. */
import type { InputKind } from '@gatehouse/contract/certificates/input-kinds'
import type { PkiError } from '@gatehouse/pki/read/pki-error'
import { Problem } from '../../platform/base/problem.ts'

interface Asked {
  /** The field of the body. */
  field: string
  /** The error code if it is neither a private key nor too large. */
  otherwise: 'not_a_certificate' | 'not_a_crl' | 'not_a_request'
}

/** Names the number of the invalid block and its kind. Never repeats its content. */
export function unreadable({ code, position, given, message }: PkiError, { field, otherwise }: Asked): Problem {
  const detail = position === null ? message : `Block ${position}: ${message}`
  if (code === 'too_large' || code === 'too_many_certificates') return new Problem(code, { detail })
  const reason = code === 'private_key' || code === 'key_store' ? code : otherwise
  const kind: InputKind | null = given
  const facts = { ...(position !== null && { position }), ...(kind !== null && { given: kind }) }
  return new Problem(reason, {
    detail,
    fields: { [field]: reason },
    ...(Object.keys(facts).length > 0 && { facts }),
  })
}
