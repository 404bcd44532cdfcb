/** Examples of the broker routes. */
import { ends, fingerprint, ids, made, seen } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    running: true,
    trustedSince: made,
    publicHost: 'gatehouse.example',
    authorities: 3,
    'Listener.name': 'mqtts',
    'Listener.address': '0.0.0.0',
    port: 8883,
    tls: true,
    clientCertificate: 'accepted',
    'Connection.id': 'c-17',
    connectionId: 'c-17',
    userId: ids.user,
    clientId: 'press-1',
    listener: 'mqtts',
    since: seen,
    subscriptions: 2,
    certificate: {
      fingerprint,
      subject: 'CN=line-3-press',
      serialNumber: '4fa1c7',
      authority: fingerprint,
      authorityName: 'Line 3 Device CA',
      notAfter: ends,
      revocation: null,
    },
    'Decision.id': 42,
    'Decision.unknownUsernameLength': null,
    'Decision.reason': 'no_certificate_grant',
    outcome: 'refused',
    topic: null,
    after: '41',
  },
}
