/** Examples of the change of many users. */
import { ids } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: { addTags: ['hall-3'], removeTags: [], addRoles: [ids.role], removeRoles: [], changed: 1 },
  bodies: {
    'userChanges.apply': {
      'Tag devices and give them a role': {
        users: [ids.user],
        change: { addTags: ['hall-3'], addRoles: [ids.role] },
      },
      'Disable users and end their connections': { users: [ids.user], change: { disabled: true } },
    },
    'userChanges.impact': { 'Delete users': { users: [ids.user], change: { delete: true } } },
  },
}
