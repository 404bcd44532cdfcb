import { Fingerprint } from '@gatehouse/contract/base'
import { RevocationReason, revocations } from '@gatehouse/contract/revocations'
import * as z from 'zod/mini'
import { listParameters, parameter } from '../table/list-parameters.ts'

/** The URL of the page: the list, its filters, and whether the dialog is open. */
export const RevocationsSearch = z.object({
  ...listParameters(revocations.list.search.shape.sort),
  authority: parameter(Fingerprint),
  reason: parameter(RevocationReason),
  revoke: parameter(z.string()),
})
export type RevocationsSearch = z.output<typeof RevocationsSearch>
