/** Examples of the check of a client certificate. */
import { certificatePem, fingerprint, ids } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  bodies: { 'certificates.check': { Example: { certificates: certificatePem } } },
  answers: {
    'certificates.check': {
      admitted: false,
      reason: 'no_certificate_grant',
      returnCode: 5,
      username: 'line-3-press',
      userId: ids.user,
      fingerprint,
      listener: 'mqtts',
      checks: [
        { check: 'chain', ok: true, detail: { authorityName: 'Line 3 Device CA' } },
        { check: 'grant', ok: false, detail: { grantTypes: [{ method: 'password', isRequired: false }] } },
        { check: 'topics', ok: null, detail: {} },
      ],
      listeners: [
        { id: ids.role, name: 'line-3', outcome: 'refused', reason: 'unknown_authority' },
        { id: ids.user, name: 'mqtts', outcome: 'refused', reason: 'no_certificate_grant' },
      ],
    },
  },
}
