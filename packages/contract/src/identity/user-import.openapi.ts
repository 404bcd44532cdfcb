/** Examples of the import of users. */
import { ids } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  bodies: { 'userTransfer.batch': { Example: { users: [{ username: 'line-3-press', roles: [ids.role] }] } } },
  answers: { 'userTransfer.batch': { users: [{ id: ids.user, username: 'line-3-press' }] } },
}
