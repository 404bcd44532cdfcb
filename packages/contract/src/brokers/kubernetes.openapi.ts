/** Examples of the Kubernetes routes. */
import { fingerprint, made } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const listenerId = '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b76'
const target = { kind: 'listener', id: listenerId }
const settings = {
  platform: 'kubernetes',
  topology: 'cluster',
  namespace: 'plant',
  release: 'mosquitto-platform',
  serverSecret: 'mosquitto-mtls-server-tls',
  clientCaSecret: 'mosquitto-client-ca',
  port: 8883,
  requireCertificate: true,
  useIdentityAsUsername: true,
  minimumTlsVersion: '1.2',
}

const handOver = {
  target,
  name: 'line-3',
  settings,
  state: {
    appliedAt: made,
    appliedBy: 'ada',
    sequence: 4711,
    added: 2,
    removed: 1,
    serverCertificateChanged: false,
  },
}

export const docs: FeatureDocs = {
  values: {
    'kubernetes.remove.kind': 'listener',
    'kubernetes.remove.id': listenerId,
  },
  bodies: {
    'kubernetes.generate': { 'With the settings of the last time': { target } },
    'kubernetes.record': { 'As it was generated': { target, settings, contentHash: fingerprint } },
  },
  answers: {
    'kubernetes.list': { items: [handOver] },
    'kubernetes.record': handOver,
    'kubernetes.generate': {
      target,
      name: 'line-3',
      settings,
      texts: [
        { kind: 'values', fileName: 'gatehouse-mtls-values.yaml', text: 'mosquitto:\n  mtls:\n    enabled: true\n' },
      ],
      warnings: [],
      authorities: [{ fingerprint, name: 'Plant CA', fileName: '4b073644.0' }],
      leftOut: [],
      contentHash: fingerprint,
      state: null,
    },
  },
}
