/** The age of a CRL, and its removal. */

import { type RevocationList, revocationLists } from '@gatehouse/contract/certificates/crls'
import { t } from '@lingui/core/macro'
import { useChange } from '../../api/queries.ts'
import { formatExactTime } from '../../messages/format.ts'
import { type Status, StatusBadge } from '../../ui/badges.tsx'
import { confirm } from '../../ui/confirm.tsx'
import { toast } from '../../ui/toast.tsx'
import { listWarningsOf, revokedCount, type WarningWords } from '../revocations/revocation-words.ts'

const statusOf: Record<WarningWords['weight'], Status> = { problem: 'refused', warning: 'expiring', note: 'off' }

interface CrlStateProps {
  list: Pick<RevocationList, 'nextUpdate' | 'warnings'>
  /** The policy refuses the clients of an authority whose CRL has expired. */
  refuses: boolean
}

/** The date of the next update, with a warning if needed. */
export function CrlState({ list, refuses }: CrlStateProps) {
  const { nextUpdate } = list
  return (
    <span>
      {nextUpdate && <time dateTime={nextUpdate}>{formatExactTime(nextUpdate)}</time>}{' '}
      {listWarningsOf(list, refuses).map(({ label, sentence, weight }) => (
        <span key={label} title={sentence}>
          <StatusBadge status={statusOf[weight]}>{label}</StatusBadge>{' '}
        </span>
      ))}
    </span>
  )
}

export function useRemoveList(): (list: RevocationList) => Promise<boolean> {
  const { mutateAsync } = useChange(revocationLists.remove)
  return ({ fingerprint, count, issuer }) =>
    confirm({
      title: t`Delete the revocation list?`,
      message: t`What only this list of ${issuer} revokes is believed again at once, and an older list could be uploaded after it.`,
      ...(count > 0 && {
        consequences: [{ count, one: t`certificate is on it`, many: t`certificates are on it` }],
      }),
      action: t`Delete`,
      run: async () => {
        const { live } = await mutateAsync({ params: { fingerprint } })
        const confirmed = live ? '' : t` The broker has not confirmed it yet.`
        toast({ message: t`The list with ${revokedCount(count)} was deleted.${confirmed}` })
      },
    })
}
