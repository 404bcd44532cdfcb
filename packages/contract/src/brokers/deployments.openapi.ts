/** Examples of the deployment routes. */
import { fingerprint, made } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const broker = { id: '019d2a41-5c1e-7a90-8d27-6b4e2f1a0c35', name: 'hall-2' }
const deployment = {
  broker,
  listener: { id: 2, port: 8883 },
  authority: { fingerprint, name: 'Plant CA' },
  state: 'deployed',
  error: null,
  changedAt: made,
}
const listener = {
  id: 2,
  port: 8883,
  protocol: 'mqtt',
  bindAddress: null,
  tls: true,
  requireCertificate: true,
  follows: false,
  isWanted: true,
  state: 'deployed',
  error: null,
}

export const docs: FeatureDocs = {
  values: {
    'deployments.list.broker': broker.id,
    'deployments.list.authority': fingerprint,
    'deployments.forget.broker': broker.id,
    'deployments.forget.listener': '2',
  },
  bodies: { 'deployments.deploy': { 'On one listener': { broker: broker.id, listeners: [2] } } },
  answers: {
    'deployments.list': { items: [deployment] },
    'deployments.choices': { items: [{ ...broker, problem: null, listeners: [listener] }] },
    'deployments.deploy': { items: [deployment], complete: true },
  },
}
