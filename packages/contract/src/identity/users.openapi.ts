/** Descriptions and examples of the user routes. */
import { ids, password, seen } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  descriptions: {
    GrantType:
      'A method by which the user may sign in. On MQTT: if some are required, one CONNECT must satisfy all of those; otherwise any one is enough.',
    Username:
      'Unique without regard to case, matched exactly. The broker compares it with the Common Name of a certificate.',
    PublishPrefix: 'Put before every topic that the user publishes to. No `/` is added.',
    disabledAt: 'When the user was disabled; null: enabled.',
    mqttPublishPrefix: 'Put before every topic that the user publishes to; null: no prefix.',
  },
  values: {
    username: 'line-3-press',
    displayName: 'Press on line 3',
    kind: 'machine',
    identityProvider: 'local',
    grantTypes: [{ method: 'certificate', isRequired: false }],
    method: 'certificate',
    role: ids.role,
    roles: [ids.role],
    roleNames: ['line-3-operators'],
    permissions: [{ context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' }],
    mqttPublishPrefix: null,
    tags: ['hall-3', 'pilot'],
    tag: 'hall-3',
    'tag[eq]': 'hall-3',
    'tag[begins]': 'hall',
    mfa: { enabled: false, required: false, demanded: false },
    mfaRequired: false,
    hasPassword: false,
    isPasswordImported: false,
    mustChangePassword: false,
    mustChange: true,
    disabled: true,
    disabledAt: null,
    lastSignInAt: seen,
    Password: password,
    password,
    delete: true,
    sessions: 0,
    tokens: 1,
    endTokens: true,
    'UserWritten.disconnected': 0,
  },
  bodies: {
    'users.create': {
      'A machine with a certificate': {
        username: 'line-3-press',
        grantTypes: [{ method: 'certificate' }],
        permissions: [{ context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' }],
      },
      'A person with a password': { username: 'maria', displayName: 'Maria Lindqvist', password },
    },
    'users.update': {
      'Disable a user and end the connections': { disabled: true },
      'Require a certificate and a password together': {
        grantTypes: [
          { method: 'certificate', isRequired: true },
          { method: 'password', isRequired: true },
        ],
      },
    },
  },
}
