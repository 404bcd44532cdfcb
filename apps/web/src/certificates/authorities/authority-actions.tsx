/**
 * What can be done with authorities. Before trust is withdrawn, the confirm shows what ends, in numbers and with names; the
 * files are there to be taken along.
 */

import { listeners } from '@gatehouse/contract/brokers/listeners'
import { type Authority, authorities } from '@gatehouse/contract/certificates/authorities'
import { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import type { AuthorityImpact } from '@gatehouse/contract/certificates/impact'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { call } from '../../api/client.ts'
import { useChange } from '../../api/queries.ts'
import { type CurrentSession, useSession } from '../../api/session.ts'
import { toBuiltInAuthority } from '../../links.ts'
import { formatList } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import type { RowAction } from '../../ui/column.ts'
import { type Confirmation, confirm, confirmWith } from '../../ui/confirm.tsx'
import { connectionsEnd, disconnectedWords } from '../../ui/consequences.ts'
import { download, fileNameFrom } from '../../ui/download.ts'
import { endsAnywhere, foreseenElsewhere } from '../../ui/foreseen.ts'
import { toast } from '../../ui/toast.tsx'
import classes from './authorities.module.css'
import { awayNotCounted } from './authority-impact.ts'
import { ListenersLeft } from './trusting-listeners.tsx'

interface AuthorityMenuOptions {
  /** Left out where a button beside the menu does it. */
  withDownload?: boolean
  onRemoved?: () => void
}

/** What can be done with one authority, for its row and for its page. */
export function useAuthorityActions({
  withDownload = false,
  onRemoved,
}: AuthorityMenuOptions = {}): (authority: Authority) => RowAction[] {
  const { whyNot } = useSession()
  const trust = useTrustChanges()
  return (authority) => {
    const { builtIn, withdrawnAt, fingerprint, name } = authority
    const params = { fingerprint }
    const isTrusted = withdrawnAt === null
    return [
      ...(withDownload
        ? [
            {
              label: t`Download`,
              onSelect: () => void download(authorities.download, { params }, fileNameFrom(name, 'pem')),
              whyNot: whyNot(authorities.download, params),
            },
          ]
        : []),
      ...(builtIn ? [{ label: t`Replace…`, link: toBuiltInAuthority(), whyNot: whyNot(builtInAuthority.view) }] : []),
      builtIn
        ? {
            label: isTrusted ? t`Withdraw trust…` : t`Restore trust…`,
            onSelect: () => void (isTrusted ? trust.withdraw : trust.restore)(authority),
            whyNot: whyNot(authorities.update, params),
          }
        : {
            label: t`Delete…`,
            dangerous: true,
            onSelect: () => void remove(authority),
            whyNot: whyNot(authorities.remove, params),
          },
    ]
  }

  async function remove(authority: Authority): Promise<void> {
    if (await trust.remove(authority)) onRemoved?.()
  }
}

/** Each answers whether it was done. */
interface TrustChanges {
  remove: (authority: Authority) => Promise<boolean>
  withdraw: (authority: Authority) => Promise<boolean>
  restore: (authority: Authority) => Promise<boolean>
}

function useTrustChanges(): TrustChanges {
  const session = useSession()
  const removal = useChange(authorities.remove)
  const update = useChange(authorities.update)

  return {
    remove: (authority) =>
      confirmWith(async () => ({
        ...(await consequencesOf(authority, session)),
        title: t`Delete ${authority.name}?`,
        action: t`Delete`,
        run: async () => {
          const ended = await removal.mutateAsync({ params: { fingerprint: authority.fingerprint } })
          toast({ message: t`CA ${authority.name} deleted. ${disconnectedWords(ended)}` })
        },
      })),
    withdraw: (authority) =>
      confirmWith(async () => ({
        ...(await consequencesOf(authority, session)),
        title: t`Withdraw trust from ${authority.name}?`,
        action: t`Withdraw trust`,
        run: () =>
          change(authority, { withdrawn: true, done: t`CA ${authority.name} is no longer trusted for clients.` }),
      })),
    restore: (authority) =>
      confirm({
        title: t`Restore trust in ${authority.name}?`,
        message: t`Client certificates signed by this CA are trusted again.`,
        action: t`Restore trust`,
        harmless: true,
        run: () => change(authority, { withdrawn: false, done: t`CA ${authority.name} is trusted for clients again.` }),
      }),
  }

  async function change(authority: Authority, { withdrawn, done }: { withdrawn: boolean; done: string }) {
    const { fingerprint, version } = authority
    const ended = await update.mutateAsync({
      params: { fingerprint },
      ifMatch: version,
      body: { withdrawn },
    })
    toast({ message: `${done} ${disconnectedWords(ended)}` })
  }
}

async function consequencesOf(
  { fingerprint, name }: Authority,
  { can }: Pick<CurrentSession, 'can'>,
): Promise<Pick<Confirmation, 'message' | 'consequences' | 'notes' | 'typeName'>> {
  const [impact, named] = await Promise.all([
    call(authorities.impact, { params: { fingerprint }, body: { delete: true } }),
    can(listeners.list) ? call(listeners.list, { search: { 'authority[eq]': fingerprint } }) : { items: [] },
  ])
  const message = (
    <>
      <Concerned impact={impact} />
      <ListenersLeft naming={named.items} fingerprint={fingerprint} />
    </>
  )
  const { connections, connectionsByBroker, userCount, lastAdmitted } = impact
  const notes = foreseenElsewhere(connectionsByBroker)
  if (connections === 0 && lastAdmitted?.cutOff === 0) {
    return { message, notes, typeName: endsAnywhere(connectionsByBroker) ? name : undefined }
  }
  // A user who signed in for the first time just now is not in `userCount` yet.
  const losing = Math.max(userCount, lastAdmitted?.cutOff ?? 0)
  return {
    message,
    notes,
    consequences: [
      { count: connections, what: connectionsEnd(connections) },
      {
        count: connections === null || !lastAdmitted ? null : losing,
        what: plural(losing, { one: 'user loses access', other: 'users lose access' }),
      },
    ],
    typeName: name,
  }
}

const namesShown = 12

function Concerned({ impact }: { impact: AuthorityImpact }): ReactNode {
  const { connections, usernames, userCount, lastAdmitted } = impact
  if (connections === null) return t`The broker did not respond, so the connections through this CA are unknown.`
  return (
    <div className={classes['impact']}>
      <p>
        {connections === 0 ? (
          t`No connection ends.`
        ) : (
          <>
            <Trans>Connected with its certificates now:</Trans> <Names names={usernames} count={userCount} />.
          </>
        )}
      </p>
      {lastAdmitted ? <LastAdmitted of={lastAdmitted} /> : <p>{awayNotCounted}</p>}
    </div>
  )
}

/** The users whose last sign-in used this authority, connected or not. */
function LastAdmitted({ of }: { of: NonNullable<AuthorityImpact['lastAdmitted']> }) {
  const { users, cutOff, usernames, stillVouchedForBy } = of
  const shown = stillVouchedForBy.slice(0, namesShown)
  const others = formatList(shown.map(({ name, users: count }) => `${name} (${userWords(count)})`))
  if (users === 0)
    return (
      <p>
        <Trans>No active user last signed in through this CA.</Trans>
      </p>
    )
  return (
    <>
      {cutOff > 0 && (
        <p>
          <Trans>These users lose access (their last sign-in used this CA, and no other CA allows them):</Trans>{' '}
          <Names names={usernames} count={cutOff} />.
        </p>
      )}
      {stillVouchedForBy.length > 0 && (
        <p>
          <Trans>Other CAs still allow some of them: {others}.</Trans>
        </p>
      )}
    </>
  )
}

/** The first names of those that a change concerns. */
export function Names({ names, count }: { names: readonly string[]; count: number }) {
  const shown = names.slice(0, namesShown)
  return (
    <>
      {shown.map((username, at) => (
        <span key={username}>
          {at > 0 && ', '}
          <Machine>{username}</Machine>
        </span>
      ))}
      {count > shown.length && <> {plural(count - shown.length, { one: 'and # more', other: 'and # more' })}</>}
    </>
  )
}

function userWords(count: number): string {
  return plural(count, { one: '# user', other: '# users' })
}
