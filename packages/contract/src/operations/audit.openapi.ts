/** Examples of the audit routes. */
import { ids, seen } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    'AuditEvent.id': ids.event,
    'AuditEvent.reason': null,
    'AuditEvent.after': { disabledAt: seen },
    before: { disabledAt: null },
    action: 'user.disabled',
    actor: { id: ids.user, username: 'admin' },
    'actor[eq]': 'admin',
    target: { type: 'user', id: ids.user, name: 'line-3-press' },
    'target[eq]': ids.user,
    targetType: 'user',
    via: 'session',
  },
}
