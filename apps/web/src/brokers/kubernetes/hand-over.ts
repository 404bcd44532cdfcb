/** Opens the dialog for a hand-over, and reads how old the last one is. */
import { type HandOverTarget, kubernetes } from '@gatehouse/contract/brokers/kubernetes'
import { useQuery } from '@tanstack/react-query'
import { lazy } from 'react'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { defineModal } from '../../ui/modals.tsx'

export const handOverDialog = defineModal<HandOverTarget, void>(
  lazy(() => import('./hand-over-dialog.tsx').then(({ HandOverDialog: dialog }) => ({ default: dialog }))),
  { whenClosed: undefined, closesWithPage: true },
)

const handOversQuery = queryFor(kubernetes.list, {})

/** What was handed over. Undefined while it is loading, and for those who may not see it. */
export function useHandOvers() {
  const { can } = useSession()
  const { data } = useQuery({ ...handOversQuery, enabled: can(kubernetes.list) })
  return data?.items
}
