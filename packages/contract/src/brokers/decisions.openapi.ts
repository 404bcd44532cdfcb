/** Examples of the kept decisions. */
import { ids, made, seen } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    'KeptDecision.id': ids.event,
    'KeptDecision.unknownUsernameLength': null,
    'KeptDecision.reason': 'no_certificate_grant',
    firstAt: made,
    lastAt: seen,
    'KeptDecision.count': 7,
    'decisions.list.leftOut': 0,
    keptSince: made,
    'decisions.list.reason[eq]': 'no_certificate_grant',
    'listener[eq]': 'mqtts',
    'address[eq]': '192.0.2.7',
  },
}
