/** Examples of the routes of client certificates. */
import { certificatePem, fingerprint } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    csr: '-----BEGIN CERTIFICATE REQUEST-----\nMIHOMHYCAQAwFDESMBAGA1UEAwwJ…\n-----END CERTIFICATE REQUEST-----\n',
    days: 90,
    by: 'admin',
    renews: fingerprint,
    renewedBy: null,
    revoked: null,
    'clientCertificates.create.certificate': certificatePem,
  },
}
