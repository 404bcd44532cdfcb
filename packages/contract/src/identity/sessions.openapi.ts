/** Examples of the session routes. */
import { ends, ids, seen } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    'OpenSession.id': ids.session,
    sessionId: ids.session,
    lastSeenAt: seen,
    expiresAt: ends,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/142.0',
    current: true,
    ended: 1,
  },
}
