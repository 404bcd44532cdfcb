import { Fingerprint } from '@gatehouse/contract/base'
import { KeptNumber, RevocationReason, revocations } from '@gatehouse/contract/certificates/revocations'
import * as z from 'zod/mini'
import { listParameters, parameter } from '../../ui/list-parameters.ts'

/** The URL of the page: the list, its filters, and whether the dialog is open. */
export const RevocationsSearch = z.object({
  ...listParameters(revocations.list.search.shape.sort),
  authority: parameter(Fingerprint),
  reason: parameter(RevocationReason),
  issuerKey: parameter(Fingerprint),
  serialNumber: parameter(KeptNumber),
  revoke: parameter(z.string()),
})
export type RevocationsSearch = z.output<typeof RevocationsSearch>
