/** The age of a CRL, and its removal. */

import { type RevocationList, revocationLists } from '@gatehouse/contract/certificates/crls'
import { plural, t } from '@lingui/core/macro'
import { useChange } from '../../api/queries.ts'
import { formatExactTime, joinSentences } from '../../messages/format.ts'
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
      title: t`Delete the CRL?`,
      message: t`Certificates that only this CRL of ${issuer} revokes are trusted again at once, and an older CRL could be uploaded after it.`,
      ...(count > 0 && {
        consequences: [
          { count, what: plural(count, { one: 'certificate is on it', other: 'certificates are on it' }) },
        ],
      }),
      action: t`Delete`,
      run: async () => {
        const { live } = await mutateAsync({ params: { fingerprint } })
        const deleted = t`The CRL with ${revokedCount(count)} was deleted.`
        toast({ message: joinSentences([deleted, !live && t`The broker has not confirmed yet.`]) })
      },
    })
}
