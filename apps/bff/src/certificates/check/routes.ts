import type { certificates as certificatesFeature } from '@gatehouse/contract/certificates/check'
import { readPresented } from '@gatehouse/pki/read/certificate'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import type { Broker } from '../../brokers/embedded/thread.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { unreadable } from '../authorities/unreadable.ts'

export function certificateRoutes({ broker }: { broker: Broker }): Bindings<typeof certificatesFeature> {
  return {
    check: async ({ body }) => {
      const checked = await broker.checkCertificate(read(body.certificates))
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
