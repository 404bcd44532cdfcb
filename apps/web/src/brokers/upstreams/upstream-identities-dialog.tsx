/** The identities on a Mender server that belong to users, and a way to release one. */

import { type Upstream, type UpstreamIdentity, upstreams } from '@gatehouse/contract/brokers/upstreams'
import { Username, users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toUser } from '../../links.ts'
import { Machine } from '../../ui/badges.tsx'
import cell from '../../ui/cell.module.css'
import { confirm } from '../../ui/confirm.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Problem } from '../../ui/problem.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { identitiesQuery, upstreamQuery } from './search.ts'
import classes from './upstreams.module.css'

const typingPauseMs = 400

export function UpstreamIdentities({ id }: { id: string }) {
  const go = useNavigateTo()
  const { data: upstream } = useSuspenseQuery(upstreamQuery(id))
  const [typed, setTyped] = useState('')
  const close = () => go(withSearch({ identities: undefined }))
  return (
    <Dialog
      title={t`Identities`}
      subtitle={`${upstream.name} · ${upstream.origin}`}
      width="wide"
      onClose={close}
      footer={
        <DialogFoot note={t`The first identity that a device sends belongs to its user from then on.`}>
          <Button variant="default" onClick={close}>
            <Trans>Close</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        <TextInput
          label={t`Username`}
          description={t`The whole name. Empty: all, the newest first.`}
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <Found upstream={upstream} typed={typed.trim()} />
      </DialogBody>
    </Dialog>
  )
}

function Found({ upstream, typed }: { upstream: Upstream; typed: string }) {
  const [username] = useDebouncedValue(typed, typingPauseMs)
  const isName = username === '' || Username.safeParse(username).success
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...identitiesQuery(upstream.id, username),
    enabled: isName,
  })
  const identities = isName ? data?.pages.flatMap(({ items }) => items) : []
  return (
    <>
      <Problem error={error} />
      <output>{identities?.length === 0 && t`No identity found.`}</output>
      <ul className={classes['identities']} aria-label={t`Identities`}>
        {identities?.map((identity) => (
          <li key={identity.userId}>
            <Identity upstream={upstream} identity={identity} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </>
  )
}

function Identity({ upstream: { id }, identity }: { upstream: Upstream; identity: UpstreamIdentity }) {
  const { userId, username, identityHash, claimedAt } = identity
  const { can, whyNot } = useSession()
  const release = useRelease(id)
  const name = <Machine>{username}</Machine>
  return (
    <>
      <div className={classes['identity']}>
        {can(users.view, { id: userId }) ? <Link {...toUser(userId)}>{name}</Link> : name}{' '}
        <RelativeTime at={claimedAt} />
        <span className={cell['below']}>
          <Trans>
            SHA-256 <Machine>{identityHash}</Machine>
          </Trans>
        </span>
      </div>
      <GuardedButton
        variant="default"
        size="xs"
        whyNot={whyNot(upstreams.forgetIdentity, { id, userId })}
        onClick={() => void release(identity)}
      >
        <Trans>Release…</Trans>
      </GuardedButton>
    </>
  )
}

function useRelease(id: string): (identity: UpstreamIdentity) => Promise<boolean> {
  const { mutateAsync } = useChange(upstreams.forgetIdentity)
  return ({ userId, username }) =>
    confirm({
      title: t`Release the identity of ${username}?`,
      message: t`The next identity that its device sends belongs to ${username}, and another user may claim the released one. Do this after a device got a new mainboard.`,
      action: t`Release`,
      run: async () => {
        await mutateAsync({ params: { id, userId } })
        toast({ message: t`The identity of ${username} was released.` })
      },
    })
}
