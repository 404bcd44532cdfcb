import type { CertificateCheck, certificates as certificatesFeature } from '@gatehouse/contract/certificates/check'
import { readPresented } from '@gatehouse/pki/read/certificate'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import { Problem } from '../../platform/base/problem.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { unreadable } from '../authorities/unreadable.ts'

export interface CheckContext {
  /**
   * Would a client be admitted that presents this chain (DER, the leaf first)? `listener`: the id of the one that the checks are about.
   * `found` null: there is no such listener. Null: the broker did not answer in time.
   */
  checkCertificate(
    presented: readonly Uint8Array[],
    listener: string | undefined,
  ): Promise<{ found: CertificateCheck | null } | null>
}

export function certificateRoutes({ checkCertificate }: CheckContext): Bindings<typeof certificatesFeature> {
  return {
    check: async ({ body }) => {
      const checked = await checkCertificate(read(body.certificates), body.listener)
      if (!checked) throw new Problem('unavailable')
      if (!checked.found) throw new Problem('not_found')
      return checked.found
    },
  }
}

// As many as the broker reads in a handshake: one more than it accepts, so that the check says `too_many_certificates`.
const maxPresented = 11

function read(text: string): Uint8Array[] {
  try {
    return readPresented(text).slice(0, maxPresented)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    throw unreadable(error, { field: 'certificates', otherwise: 'not_a_certificate' })
  }
}
