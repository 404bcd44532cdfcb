/** Examples of the role routes. */
import { ids } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    'Role.id': ids.role,
    'RoleWritten.id': ids.role,
    name: 'line-3-operators',
    description: 'May use the topics of line 3',
    builtIn: false,
    userCount: 12,
  },
}
