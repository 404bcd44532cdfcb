import type { permissions } from '@gatehouse/contract/access/permissions'
import type { users } from '@gatehouse/contract/identity/users'
import { readAnswered } from '../../access/roles/authority-limits-port.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import { CachedResponse } from '../../platform/http/cached-response.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { checkAccess, listAccess } from './access.ts'
import type { UsersContext } from './context.ts'
import { previewImpact } from './impact.ts'
import { createUser, removeUser, updateUserBy } from './service.ts'
import { setPassword } from './set-password.ts'
import { findUser, hasImportedPassword, listUsers } from './store.ts'
import { listTags } from './tags-store.ts'

export function userRoutes(context: UsersContext): Bindings<typeof users> {
  const { reader, enforcers } = context
  return {
    list: new CachedResponse(({ search }) => listUsers(reader, search)),
    tags: ({ search }) => listTags(reader, search['tag[begins]'] ?? ''),
    view: async ({ params: { id } }) => {
      const user = await findUser(reader, id)
      if (!user) throw new Problem('not_found')
      const isPasswordImported = await hasImportedPassword(reader, id)
      return { ...user, isPasswordImported, connections: await enforcers.connectionsOf(id) }
    },
    create: ({ body, ...by }) => createUser(context, body, by),
    update: ({ params, body, ...by }) => updateUserBy(context, { id: params.id, changes: body, ...by }),
    remove: ({ params, search, ...by }) =>
      removeUser(context, { id: params.id, answered: readAnswered(search), ...by }),
    impact: ({ params, body }) => previewImpact(context, params.id, body),
    setPassword: ({ params, body, ...by }) => setPassword(context, { id: params.id, body, ...by }),
  }
}

/** What one user may do. */
export function userAccessRoutes(reader: Db): Pick<Bindings<typeof permissions>, 'accessOf' | 'check'> {
  return {
    accessOf: ({ params, search }) => listAccess(reader, params.id, search),
    check: ({ params, body }) => checkAccess(reader, params.id, body),
  }
}
