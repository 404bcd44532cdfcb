/** Descriptions and examples of permissions, and of the routes that ask who holds them. */
import { ids } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const role = { id: ids.role, name: 'line-3-operators' }
const onLine3 = { context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' }

export const docs: FeatureDocs = {
  descriptions: {
    Resource:
      'A topic filter or, in the context `http`, a path that begins with `/`. In both, `+` stands for one level and `#` for all further levels.',
    Permission:
      'One permission. `http`: a path of this API, with `read` or `write`. `mqtt`: a topic filter; `read` means subscribe, `write` means publish.',
  },
  values: {
    context: 'mqtt',
    operation: 'readWrite',
    resource: 'line-3/#',
    covers: 'line-3/+/setpoint',
    overlaps: 'line-3/+/setpoint',
    roleCount: 1,
    'HeldPermission.roles': [role],
    'HeldPermission.users': [{ id: ids.user, username: 'line-3-press' }],
    'Holder.kind': 'role',
    'Holder.id': ids.role,
    'AccessLine.roles': [role],
    individual: false,
    'AccessQuestion.resource': 'line-3/setpoint',
    'AccessQuestion.operation': 'write',
    allowed: true,
    because: [
      {
        operation: 'write',
        allowed: true,
        reason: 'permitted',
        resource: 'line-3/setpoint',
        lines: [{ ...onLine3, roles: [role], individual: false }],
      },
    ],
    groups: [{ name: 'Users', entries: [{ name: 'Users: read', resource: '/api/users/#', operation: 'read' }] }],
  },
}
