/** Examples of the listener routes. */
import { certificatePem, ends, fingerprint, made } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const listenerId = '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b76'
const privateKeyPem = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG…\n-----END PRIVATE KEY-----\n'

export const docs: FeatureDocs = {
  values: {
    'StoredListener.id': listenerId,
    'StoredListener.name': 'line-3',
    'StoredListener.address': '0.0.0.0',
    'StoredListener.trustedAuthorities': [fingerprint],
    'OwnServerCertificate.fingerprint': fingerprint,
    'OwnServerCertificate.subject': 'CN=broker.example',
    'OwnServerCertificate.notBefore': made,
    'OwnServerCertificate.notAfter': ends,
    'GivenServerCertificate.certificate': certificatePem,
    'GivenServerCertificate.key': privateKeyPem,
    'StoredListener.overrides': [],
    'StoredListener.missingAuthorities': [],
    'StoredListener.certificateMount': null,
    'CertificateMount.file': '/etc/mtls/certs/server/server.crt',
    'CertificateMount.problem': null,
    'ListenerCreate.name': 'line-3',
    'ListenerCreate.address': '0.0.0.0',
    'ListenerCreate.trustedAuthorities': [fingerprint],
    'ListenerUpdate.name': 'line-3',
    'ListenerUpdate.address': '0.0.0.0',
    'ListenerUpdate.trustedAuthorities': [fingerprint],
    'OwnServerCertificate.certificate': certificatePem,
    variable: 'GATEHOUSE_MQTTS_PORT',
    value: '8883',
    purpose: 'mqtt',
    minimumTlsVersion: '1.2',
    identity: 'certificate',
    'ProxyRule.versions': 'off',
    'ProxyRule.from': ['10.0.0.0/8'],
    allowedOrigins: ['https://plant.example'],
    maxConnections: null,
    'ListenerState.state': 'open',
    boundPort: 8883,
    'ListenerState.error': null,
    'ListenerState.connections': 17,
  },
  bodies: {
    'listeners.create': {
      'One CA, with its own certificate': {
        name: 'line-3',
        address: '0.0.0.0',
        port: 8884,
        trustedAuthorities: [fingerprint],
        serverCertificate: {
          certificate: certificatePem,
          key: privateKeyPem,
        },
      },
      WebSocket: { name: 'browsers', purpose: 'websocket', address: '0.0.0.0', port: 8083 },
    },
    'listeners.update': { 'Trust one CA only': { trustedAuthorities: [fingerprint] } },
    'listeners.preview': { 'A new listener': { name: 'line-3', address: '0.0.0.0', port: 8884 } },
    'listeners.previewUpdate': { 'Another port': { port: 8885 } },
  },
  answers: {
    'listeners.preview': {
      problems: [{ code: 'port_taken', severity: 'warning', field: 'port' }],
      disconnects: 0,
    },
    'listeners.previewUpdate': { problems: [], disconnects: 12 },
  },
}
