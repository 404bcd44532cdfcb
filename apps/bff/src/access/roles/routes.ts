import type { roles } from '@gatehouse/contract/access/roles'
import { Problem } from '../../platform/base/problem.ts'
import { CachedResponse } from '../../platform/http/cached-response.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { readAnswered } from './authority-limits-port.ts'
import { previewImpact } from './impact.ts'
import { createRole, type RolesContext, removeRole, updateRoleBy } from './service.ts'
import { findRole, listRoles } from './store.ts'

export function roleRoutes(context: RolesContext): Bindings<typeof roles> {
  const { reader } = context
  return {
    list: new CachedResponse(({ search }) => listRoles(reader, search)),
    view: async ({ params }) => {
      const role = await findRole(reader, params.id)
      if (!role) throw new Problem('not_found')
      return role
    },
    create: ({ body, ...by }) => createRole(context, body, by),
    update: ({ params, body, ...by }) => updateRoleBy(context, { id: params.id, changes: body, ...by }),
    impact: ({ params, body, caller }) => previewImpact(context, { id: params.id, change: body, caller }),
    remove: ({ params, search, ...by }) =>
      removeRole(context, {
        id: params.id,
        detach: search.detach === 'true',
        answered: readAnswered(search),
        ...by,
      }),
  }
}
