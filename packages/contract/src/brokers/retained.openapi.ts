/** Examples of the routes for retained messages. */
import { ids } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    filter: 'line-3/#',
    'RetainedMessage.topic': 'line-3/press-1/state',
    'RetainedMessage.bytes': 42,
    'RetainedMessage.userId': ids.user,
    'RetainedMessage.publishedAt': '2026-11-02T08:15:00.000Z',
    'RetainedMessage.expiresAt': null,
    'retained.view.topic': 'line-3/press-1/state',
    'retained.view.qos': 1,
    'Payload.base64': 'eyJzdGF0ZSI6InJ1bm5pbmcifQ==',
    'Payload.bytes': 19,
    isMore: false,
    messages: 318,
    bytesInAll: 131_072,
    cleared: 1,
  },
}
