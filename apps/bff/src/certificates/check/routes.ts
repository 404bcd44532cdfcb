import type { CertificateCheck, certificates as certificatesFeature } from '@gatehouse/contract/certificates/check'
import { readPresented } from '@gatehouse/pki/read/certificate'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import { Problem } from '../../platform/base/problem.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { unreadable } from '../authorities/unreadable.ts'

export interface CheckContext {
  /** Would a client that presents these (DER, the leaf first) be admitted? Null: the broker did not answer in time. */
  checkCertificate(presented: readonly Uint8Array[]): Promise<CertificateCheck | null>
}

export function certificateRoutes({ checkCertificate }: CheckContext): Bindings<typeof certificatesFeature> {
  return {
    check: async ({ body }) => {
      const checked = await checkCertificate(read(body.certificates))
      if (!checked) throw new Problem('unavailable')
      return checked
    },
  }
}

// No more than the broker reads of a handshake: one more than it ever accepts, so that "too many" can be told.
const maxPresented = 11

function read(text: string): Uint8Array[] {
  try {
    return readPresented(text).slice(0, maxPresented)
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
    throw unreadable(error, { field: 'certificates', otherwise: 'not_a_certificate' })
  }
}
