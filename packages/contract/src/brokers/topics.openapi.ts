/** Examples of the routes for topics. */
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    topic: 'line-3/press-1/state',
    whole: 'true',
    'WatchedTopic.messages': 1_204,
    'WatchedTopic.bytes': 27,
    preview: '{"pressure":4.2,"ok":true}',
    retained: true,
    qos: 1,
    retain: true,
    payload: '{"pressure":4.2,"ok":true}',
    encoding: 'text',
    hasSubscribers: true,
  },
}
