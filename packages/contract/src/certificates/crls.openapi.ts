/** Examples of the CRL routes. */
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    'revocationLists.inspect.existing': false,
    'OtherKey.isCovered': true,
    number: '17',
    count: 4,
    crl: '-----BEGIN X509 CRL-----\nMIIBZzCCAQ0CAQEwCgYIKoZIzj0EAwIw…\n-----END X509 CRL-----\n',
  },
}
