/** Examples of the upstream routes. */
import { certificatePem } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const upstreamId = '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b90'

export const docs: FeatureDocs = {
  values: {
    'Upstream.id': upstreamId,
    'Upstream.name': 'mender',
    'Upstream.kind': 'mender',
    'Upstream.origin': 'https://mender.example',
    'Upstream.authorities': certificatePem,
    'Upstream.authentication': 'bearer',
    'Upstream.username': null,
    'Upstream.identityAttribute': 'serial_number',
    'Upstream.hasSecret': true,
    connectTimeoutMs: 5_000,
    responseTimeoutMs: 60_000,
    idleTimeoutMs: 120_000,
    maxRequestBytes: 67_108_864,
    'upstreams.update.kind': 'generic',
    'upstreams.update.name': 'telemetry',
    'upstreams.update.origin': 'http://127.0.0.1:8080',
    'upstreams.update.authorities': null,
    'upstreams.update.authentication': 'none',
    'upstreams.update.username': null,
    'upstreams.update.identityAttribute': null,
    'upstreams.update.hasSecret': false,
    'UpstreamIdentity.username': 'press-1',
    'UpstreamIdentity.identityHash': '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'UpstreamTestStep.step': 'tls',
    'UpstreamTestStep.outcome': 'failed',
    'UpstreamTestStep.problem': 'certificate_not_trusted',
    'UpstreamTestStep.detail': 'SELF_SIGNED_CERT_IN_CHAIN',
    'UpstreamCreate.name': 'telemetry',
    'UpstreamCreate.origin': 'http://127.0.0.1:8080',
    'UpstreamUpdate.name': 'telemetry',
    'UpstreamUpdate.origin': 'http://127.0.0.1:8080',
  },
  bodies: {
    'upstreams.create': {
      'A server of your own': { name: 'telemetry', origin: 'http://127.0.0.1:8080' },
      'A Mender server': {
        name: 'mender',
        kind: 'mender',
        origin: 'https://mender.example',
        authentication: 'bearer',
        secret: 'a personal access token',
      },
    },
    'upstreams.testNew': { 'A server of your own': { name: 'telemetry', origin: 'http://127.0.0.1:8080' } },
    'upstreams.test': { 'As it is stored': {}, 'With a new password': { secret: 'a personal access token' } },
    'upstreams.update': { 'Wait longer for an answer': { responseTimeoutMs: 300_000 } },
  },
}
