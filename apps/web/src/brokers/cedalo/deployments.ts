/** Reads where CAs are deployed, and opens the dialog. */
import { deployments } from '@gatehouse/contract/brokers/deployments'
import type { Authority } from '@gatehouse/contract/certificates/authorities'
import { useQuery } from '@tanstack/react-query'
import { lazy } from 'react'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { defineModal } from '../../ui/modals.tsx'

export const deployDialog = defineModal<Pick<Authority, 'fingerprint' | 'name'>, void>(
  lazy(() => import('./deploy-dialog.tsx').then(({ DeployDialog: dialog }) => ({ default: dialog }))),
  { whenClosed: undefined, closesWithPage: true },
)

/** A broker answers within seconds; what is under way shows without a reload. */
const everyMs = 5_000

export function useDeployments(of: { authority?: string; broker?: string }) {
  const { can } = useSession()
  const search = { 'authority[eq]': of.authority, 'broker[eq]': of.broker }
  const { data } = useQuery({
    ...queryFor(deployments.list, { search }),
    enabled: can(deployments.list),
    refetchInterval: everyMs,
  })
  return data?.items
}
