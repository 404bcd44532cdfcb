/** Deleting a role. One that is in use says by how many, and is then taken away from them. */
import { type Role, roles } from '@gatehouse/contract/roles'
import { session } from '@gatehouse/contract/session'
import { users } from '@gatehouse/contract/users'
import { isRefusal } from '../api/client.ts'
import { useChange } from '../api/queries.ts'
import { rights } from '../api/rights.ts'
import { confirm } from '../feedback/confirm.tsx'
import { toast } from '../feedback/toast.tsx'
import { disconnectedWords } from '../words/consequences.ts'

type Removable = Pick<Role, 'id' | 'name' | 'userCount' | 'version'>

export function useRemoveRole(): (role: Removable) => Promise<void> {
  const { mutateAsync } = useChange(roles.remove, { invalidates: [roles.list, users.list, session.view, ...rights] })

  async function ask(role: Removable): Promise<void> {
    const isInUse = role.userCount > 0
    await confirm({
      title: `Delete ${role.name}?`,
      message: isInUse ? 'It is in use. Taking it away holds at once, for live connections too.' : 'Nobody holds it.',
      ...(isInUse && {
        consequences: [{ count: role.userCount, one: 'user loses what it allows', many: 'users lose what it allows' }],
      }),
      action: isInUse ? 'Take it away and delete' : 'Delete',
      run: () => remove(role),
    })
  }

  async function remove(role: Removable): Promise<void> {
    const detach = role.userCount > 0
    try {
      const { disconnected } = await mutateAsync({
        params: { id: role.id },
        ifMatch: role.version,
        ...(detach && { search: { detach: 'true' } }),
      })
      toast({ message: `Role ${role.name} deleted. ${disconnectedWords(disconnected)}` })
    } catch (error) {
      // Somebody was given it while the question stood: ask again, with the number that the server counted.
      if (!isRefusal(error, 'role_in_use')) throw error
      void ask({ ...role, userCount: Number(error.problem.facts?.['users'] ?? 1) })
    }
  }

  return ask
}
