/** Examples of the routes for retained messages. */
import { ids } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    filter: 'line-3/#',
    'RetainedMessage.topic': 'line-3/press-1/state',
    'RetainedMessage.bytes': 42,
    'RetainedMessage.userId': ids.user,
    'RetainedMessage.expiresAt': null,
    isMore: false,
    messages: 318,
    bytesInAll: 131_072,
    cleared: 1,
  },
}
