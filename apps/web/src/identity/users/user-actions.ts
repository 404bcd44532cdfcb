/** The actions on a user besides editing: disable, delete, reset. Each confirm shows what the action ends. */

import { mfa } from '@gatehouse/contract/identity/second-factors'
import { type OpenSession, sessions } from '@gatehouse/contract/identity/sessions'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { type User, type UserImpact, users } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { lazy } from 'react'
import { call } from '../../api/client.ts'
import { useChange } from '../../api/queries.ts'
import { type CurrentSession, useSession } from '../../api/session.ts'
import { type Confirmation, type Consequence, confirm, confirmWith } from '../../ui/confirm.tsx'
import { connectionsEnd, disconnectedWords, endedSessions } from '../../ui/consequences.ts'
import { admittedElsewhere, endsAnywhere, foreseenElsewhere } from '../../ui/foreseen.ts'
import { defineModal } from '../../ui/modals.tsx'
import { toast, toastError } from '../../ui/toast.tsx'
import { sessionName } from '../sessions/session-table.tsx'
import { endTokensLabel } from '../tokens/token-words.ts'

type Subject = Pick<User, 'id' | 'username' | 'version'>

export interface UserActions {
  disable: (user: Subject) => Promise<boolean>
  enable: (user: Subject) => Promise<void>
  remove: (user: Subject) => Promise<boolean>
}

export function useUserActions(): UserActions {
  const update = useChange(users.update)
  const removal = useChange(users.remove)

  async function disableNow({ id, version }: Subject): Promise<void> {
    const after = await update.mutateAsync({ params: { id }, ifMatch: version, body: { disabled: true } })
    toast({
      message: t`User ${after.username} disabled. ${disconnectedWords(after)}`,
      undo: () => enableNow(after),
    })
  }

  async function enableNow({ id, version, username }: Subject): Promise<void> {
    await update.mutateAsync({ params: { id }, ifMatch: version, body: { disabled: false } })
    toast({ message: t`User ${username} enabled.` })
  }

  async function removeNow({ id, version, username }: Subject): Promise<void> {
    const ended = await removal.mutateAsync({ params: { id }, ifMatch: version })
    toast({ message: t`User ${username} deleted. ${disconnectedWords(ended)}` })
  }

  return {
    disable: (user) =>
      confirmWith(async () => ({
        title: t`Disable ${user.username}?`,
        message: t`Disabled users cannot sign in. Nothing is deleted.`,
        action: t`Disable`,
        run: () => disableNow(user),
        ...warnings(user, await call(users.impact, { params: { id: user.id }, body: { disabled: true } })),
      })),
    enable: (user) => enableNow(user).catch(toastError),
    remove: (user) =>
      confirmWith(async () => ({
        title: t`Delete ${user.username}?`,
        message: t`The user is deleted permanently. The audit log keeps the name. Certificates with this Common Name stop working, and those issued here are revoked.`,
        action: t`Delete`,
        run: () => removeNow(user),
        ...warnings(user, await call(users.impact, { params: { id: user.id }, body: { delete: true } })),
      })),
  }
}

export type PasswordSubject = Pick<User, 'id' | 'username' | 'kind' | 'grantTypes'>

export interface NewPassword {
  username: string
  password: string
}

const SetPassword = lazy(() =>
  import('./user-password-dialog.tsx').then(({ SetPassword: dialog }) => ({ default: dialog })),
)
const MadePassword = lazy(() =>
  import('./user-password-dialog.tsx').then(({ MadePassword: dialog }) => ({ default: dialog })),
)

/** Answers with what was set: the one-time password, `null` for one that was typed, `undefined` for none. */
const setPassword = defineModal<PasswordSubject, string | null | undefined>(SetPassword, {
  whenClosed: undefined,
  closesWithPage: true,
})
const madePassword = defineModal<NewPassword, void>(MadePassword, { whenClosed: undefined, isShownOnce: true })

/** Answers whether it was set. */
export async function askForPassword(user: PasswordSubject): Promise<boolean> {
  const password = await setPassword.open(user)
  if (password) await madePassword.open({ username: user.username, password })
  return password !== undefined
}

export function whyNotPassword(
  { id, identityProvider }: Pick<User, 'id' | 'identityProvider'>,
  { user, whyNot }: CurrentSession,
): string | undefined {
  if (identityProvider !== 'local') return t`The identity provider keeps the password. It is changed there.`
  return id === user.id
    ? t`This is your own password. Change it in the menu under your name, under Password.`
    : whyNot(users.setPassword, { id })
}

/** After a lost or stolen phone. Resolves with whether it was done. */
export function useResetFactor(): (user: Pick<User, 'id' | 'username'>) => Promise<boolean> {
  const session = useSession()
  const reset = useChange(mfa.reset)
  return ({ id, username }) =>
    confirmWith(async () => {
      const openSessions = await countSessions(id, session)
      return {
        title: t`Disable multi-factor authentication of ${username}?`,
        message: t`The password alone will grant access. The user is notified at the next sign-in. Tokens that scripts created with the password are revoked.`,
        ...(openSessions > 0 && { consequences: [sessionsEnd(openSessions)] }),
        reason: t`Reason, for the audit log`,
        ...endTokensOption(await countConsoleTokens(id, session)),
        action: t`Disable multi-factor authentication`,
        run: async (reason, endTokens) => {
          await reset.mutateAsync({ params: { id }, body: { reason, endTokens } })
          toast({ message: t`Multi-factor authentication of ${username} is off.` })
        },
      }
    })
}

/** The actions on the sessions of a user. Each resolves with whether it was done. */
export function useSessionActions({ id, username }: Pick<User, 'id' | 'username'>) {
  const endOne = useChange(sessions.endOf)
  const endAll = useChange(sessions.endAllOf)

  return {
    endSession: (open: OpenSession): Promise<boolean> =>
      confirm({
        title: t`End this session of ${username}?`,
        message: t`${sessionName(open)} has to sign in again.`,
        action: t`End session`,
        run: async () => {
          await endOne.mutateAsync({ params: { id, sessionId: open.id } })
          toast({ message: endedSessions(1) })
        },
      }),
    endSessions: (openSessions: number): Promise<boolean> =>
      confirm({
        title: t`End all sessions of ${username}?`,
        consequences: [sessionsEnd(openSessions)],
        action: t`End all`,
        run: async () => {
          const { ended } = await endAll.mutateAsync({ params: { id } })
          toast({ message: endedSessions(ended) })
        },
      }),
  }
}

/** Open sessions in the console; 0 where the caller may not see them. */
async function countSessions(id: string, { can }: Pick<CurrentSession, 'can'>): Promise<number> {
  if (!can(sessions.listOf, { id })) return 0
  return (await call(sessions.listOf, { params: { id } })).items.length
}

/** How many working tokens the user made in the console; null where the caller may not see them. */
export async function countConsoleTokens(id: string, { can }: Pick<CurrentSession, 'can'>): Promise<number | null> {
  if (!can(tokens.listOf, { id })) return null
  return (await call(tokens.listOf, { params: { id }, search: { limit: 1 } })).madeInConsole
}

function endTokensOption(count: number | null): Pick<Confirmation, 'option'> {
  return count === 0 ? {} : { option: endTokensLabel(count) }
}

function sessionsEnd(count: number): Consequence {
  return { count, what: plural(count, { one: 'console session ends', other: 'console sessions end' }) }
}

/** The consequences. If connections end, or may end, the username has to be typed. */
function warnings(
  { username }: Subject,
  impact: UserImpact,
): Pick<Confirmation, 'consequences' | 'notes' | 'typeName'> {
  const consequences = impactConsequences(impact)
  const { connectionsByBroker } = impact
  return {
    ...(consequences.length > 0 && { consequences }),
    notes: [...foreseenElsewhere(connectionsByBroker), ...admittedElsewhere(connectionsByBroker)],
    typeName: endsAnywhere(connectionsByBroker) ? username : undefined,
  }
}

/** What ends, without what does not. */
export function impactConsequences(impact: UserImpact): readonly Consequence[] {
  const counted: readonly Consequence[] = [
    { count: impact.connections, what: connectionsEnd(impact.connections) },
    sessionsEnd(impact.sessions),
    {
      count: impact.tokens,
      what: plural(impact.tokens ?? 0, { one: 'token stops working', other: 'tokens stop working' }),
    },
  ]
  return counted.filter(({ count }) => count !== 0)
}
