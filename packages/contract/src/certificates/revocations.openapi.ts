/** Examples of the revocation routes. */
import { fingerprint, seen } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const authority = { fingerprint, name: 'Line 3 Device CA' }

export const docs: FeatureDocs = {
  values: {
    'Revocation.authority': authority,
    'Revocation.reason': 'keyCompromise',
    'reason[eq]': 'keyCompromise',
    'revocations.create.authority': authority,
    'revocations.create.reason': 'keyCompromise',
    'RevocationImpact.certificate': null,
    'RevocationImpact.existing': null,
    note: 'Stolen from the workshop',
    revokedBy: 'admin',
    revokedAt: seen,
  },
  bodies: {
    'revocations.impact': { 'A live connection': { connectionId: 'c-17' } },
    'revocations.create': {
      'By serial number': {
        authority: fingerprint,
        serialNumber: '4f:a1:c7',
        reason: 'keyCompromise',
        note: 'Stolen from the workshop',
      },
      'The certificate of a live connection': { connectionId: 'c-17', reason: 'superseded' },
    },
  },
}
