/** Examples of the routes for MQTT sessions. */
import { ends, ids } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    'MqttSession.clientId': 'press-1',
    'MqttSession.userId': ids.user,
    connected: false,
    'MqttSession.expiresAt': ends,
    'MqttSession.subscriptions': 2,
    'MqttSession.queued': 17,
    'MqttSession.queuedBytes': 6_800,
  },
}
