import { Fingerprint, Id } from '@gatehouse/contract/base'
import { admissionRules, DeniedDevice, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { SearchText } from '@gatehouse/contract/paging'
import * as z from 'zod/mini'
import { queryFor } from '../../api/queries.ts'
import { listParameters, parameter } from '../../ui/list-parameters.ts'

/** The URL of the page: which dialog is open, and what a new rule begins with. */
export const AdmissionRulesSearch = z.object({
  /** A username that the new rule should admit, or nothing. */
  create: parameter(SearchText),
  authority: parameter(Fingerprint),
  edit: parameter(Id),
})
export type AdmissionRulesSearch = z.output<typeof AdmissionRulesSearch>

export const DeniedDevicesSearch = z.object({
  ...listParameters(deniedDevices.list.search.shape.sort),
  cause: parameter(DeniedDevice.shape.cause),
})
export type DeniedDevicesSearch = z.output<typeof DeniedDevicesSearch>

export const rulesQuery = queryFor(admissionRules.list, {})

/** The rule whose dialog the URL opens. */
export function ruleQuery(id: string) {
  return queryFor(admissionRules.view, { params: { id } })
}

/** All devices that were refused in the last days because nobody has entered them. */
export const unknownDevicesQuery = queryFor(admissionRules.preview, { body: {} })
