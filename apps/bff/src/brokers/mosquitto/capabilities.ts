import type { Capabilities } from '@gatehouse/contract/brokers/capabilities'

/** What a Mosquitto can enforce by its files and its dynamic-security plugin. Measured with 2.0.11; see `docs/brokers/mosquitto.md`. */
export const mosquittoCapabilities: Capabilities = {
  mode: 'push',
  // Mosquitto takes the Common Name and says nothing about the CA.
  evidence: 'name',
  decidesCertificates: false,
  bothOnOnePort: false,
  certificateAndPassword: false,
  revokeOne: 'ownAuthorities',
  authorityLimits: false,
  trustAddMs: 200,
  trustRemoveMs: 200,
  end: ['user', 'authority'],
  endsWithinMs: 200,
  refusalReasons: false,
  partialSubAck: true,
  deliveryCheck: true,
  dropSession: false,
  mqtt5: true,
  cacheMs: 0,
  badNames: '',
}
