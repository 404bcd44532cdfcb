/** Who set the limit of an authority, and what that means; another person can take it over. */

import { type Authority, authorities } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { Machine } from '../../ui/badges.tsx'
import { confirm } from '../../ui/confirm.tsx'
import { toast } from '../../ui/toast.tsx'
import classes from './authorities.module.css'

interface LimitedByProps {
  authority: Authority
  /** It has another version now. */
  onTaken: () => Promise<unknown>
}

export function LimitedBy({ authority: { fingerprint, version, name, limitedBy }, onTaken }: LimitedByProps) {
  const { can, user } = useSession()
  const { mutateAsync } = useChange(authorities.update)
  if (limitedBy === null) return null
  const takeOver = () =>
    confirm({
      title: t`Confirm the limit of ${name}?`,
      message: t`From now on the limit depends on your permissions. This CA can sign in the users that it names if they have no more permissions than you. An administrator covers all users.`,
      action: t`Confirm`,
      run: async () => {
        await mutateAsync({ params: { fingerprint }, ifMatch: version, body: { takeOver: true } })
        await onTaken()
        toast({ message: t`You have confirmed the limit of ${name}.` })
      },
    })
  return (
    <div className={classes['limitedBy']}>
      <span>
        {limitedBy.username === null ? (
          t`The person who set this limit was deleted. This CA signs in only users for whom it was confirmed.`
        ) : (
          <>
            <Trans>
              Limited by <Machine>{limitedBy.username}</Machine>. This CA signs in only users with at most this person’s
              permissions, or users for whom it was confirmed.
            </Trans>
          </>
        )}
      </span>
      {can(authorities.update, { fingerprint }) && limitedBy.id !== user?.id && (
        <Button size="xs" variant="default" onClick={() => void takeOver()}>
          <Trans>Confirm…</Trans>
        </Button>
      )}
    </div>
  )
}
