/** Examples of the routes of the built-in authority. */
import { certificatePem, password } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const key = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHsMFcGCSqGSIb3DQEFDTBK…\n-----END ENCRYPTED PRIVATE KEY-----\n'

export const docs: FeatureDocs = {
  values: {
    isGiven: false,
    names: ['localhost', 'broker.plant-1.example'],
    overlap: null,
  },
  bodies: {
    'builtInAuthority.replace': {
      'A new authority': { renew: true },
      'An authority of the company': { certificate: certificatePem, key, password },
    },
  },
}
