/** Why something that was given could not be read: the same words wherever certificates, requests and lists are taken. */
import type { InputKind } from '@gatehouse/contract/certificates/input-kinds'
import type { PkiError } from '@gatehouse/pki/read/pki-error'
import { Problem } from '../../platform/base/problem.ts'

interface Asked {
  /** Of the body. */
  field: string
  /** What it is refused as, where it is neither a key nor too large. */
  otherwise: 'not_a_certificate' | 'not_a_crl' | 'not_a_request'
}

/** Says which block of the field was bad, and what it was instead; never what it held. */
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
