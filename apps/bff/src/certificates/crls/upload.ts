/** Reads an uploaded CRL and checks it against its authority. Changes nothing. */

import { maxListBytes } from '@gatehouse/contract/certificates/crls'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import {
  isOlderList,
  judgeRevocationList,
  type RevocationList,
  type RevocationListProblem,
  readRevocationList,
} from '@gatehouse/pki/read/revocation-list'
import { Problem } from '../../platform/base/problem.ts'
import type { StoredAuthority } from '../authorities/store.ts'
import { unreadable } from '../authorities/unreadable.ts'
import type { StoredList } from './store.ts'

const codes: Record<RevocationListProblem, ErrorCode> = {
  delta: 'crl_delta',
  indirect: 'crl_indirect',
  attributes_only: 'crl_indirect',
  unknown_critical_extension: 'crl_unknown_extension',
  unsupported_signature: 'crl_unsupported_signature',
  weak_signature: 'crl_weak_signature',
  wrong_issuer: 'crl_wrong_issuer',
  not_a_list_signer: 'crl_not_signer',
  bad_signature: 'crl_bad_signature',
  not_yet_valid: 'crl_not_yet_valid',
}

/** `latest`: a CRL that begins later is rejected as from the future. */
export async function readUpload(crl: string, { certificate }: StoredAuthority, latest: Date): Promise<RevocationList> {
  const list = await readList(crl)
  const problem = await judgeRevocationList(list, certificate.der, latest)
  if (problem) throw new Problem(codes[problem], { detail: `The CRL was issued by ${list.issuer}` })
  return list
}

async function readList(crl: string): Promise<RevocationList> {
  try {
    return await readRevocationList(crl, maxListBytes)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    throw unreadable(error, { field: 'crl', otherwise: 'not_a_crl' })
  }
}

/** Throws `crl_older`, with the stored CRL, if the number or the date would go back. */
export function requireNotOlder(list: RevocationList, held: StoredList | undefined): void {
  if (!held) return
  const { number, this_update: thisUpdate } = held
  if (!isOlderList(list, { number, thisUpdate: new Date(thisUpdate) })) return
  throw new Problem('crl_older', { facts: { number, thisUpdate } })
}
