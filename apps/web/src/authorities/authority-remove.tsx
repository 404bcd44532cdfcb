/** Taking trust away, and giving it back: what it ends is said in numbers, with names, before it is done. */
import { type Authority, type AuthorityImpact, authorities } from '@gatehouse/contract/authorities'
import { broker } from '@gatehouse/contract/broker'
import type { ReactNode } from 'react'
import { call } from '../api/client.ts'
import { useChange } from '../api/queries.ts'
import { Machine } from '../feedback/badges.tsx'
import { type Confirmation, confirm, confirmWith } from '../feedback/confirm.tsx'
import { toast } from '../feedback/toast.tsx'
import { disconnectedWords } from '../words/consequences.ts'

/** Lists and the opened one, and since when the broker knows. */
const touched = [authorities.list, authorities.view, broker.view]

/** Each answers whether it was done. */
export interface TrustChanges {
  remove: (authority: Authority) => Promise<boolean>
  withdraw: (authority: Authority) => Promise<boolean>
  restore: (authority: Authority) => Promise<boolean>
}

export function useTrustChanges(): TrustChanges {
  const removal = useChange(authorities.remove, { invalidates: touched })
  const update = useChange(authorities.update, { invalidates: touched })

  return {
    remove: (authority) =>
      confirmWith(async () => ({
        ...(await consequencesOf(authority)),
        title: `Delete ${authority.name}?`,
        action: 'Delete',
        run: async () => {
          const { disconnected } = await removal.mutateAsync({ params: { fingerprint: authority.fingerprint } })
          toast({ message: `Authority ${authority.name} deleted. ${disconnectedWords(disconnected)}` })
        },
      })),
    withdraw: (authority) =>
      confirmWith(async () => ({
        ...(await consequencesOf(authority)),
        title: `Withdraw trust from ${authority.name}?`,
        action: 'Withdraw trust',
        run: () => change(authority, { withdrawn: true, done: 'is no longer trusted for clients.' }),
      })),
    restore: (authority) =>
      confirm({
        title: `Restore trust in ${authority.name}?`,
        message: 'Client certificates that it signed are believed again.',
        action: 'Restore trust',
        harmless: true,
        run: () => change(authority, { withdrawn: false, done: 'is trusted for clients again.' }),
      }),
  }

  async function change(authority: Authority, { withdrawn, done }: { withdrawn: boolean; done: string }) {
    const { fingerprint, version, name } = authority
    const { disconnected } = await update.mutateAsync({
      params: { fingerprint },
      ifMatch: version,
      body: { withdrawn },
    })
    toast({ message: `${name} ${done} ${disconnectedWords(disconnected)}` })
  }
}

async function consequencesOf({
  fingerprint,
  name,
}: Authority): Promise<Pick<Confirmation, 'message' | 'consequences' | 'typeName'>> {
  const impact = await call(authorities.impact, { params: { fingerprint }, body: { delete: true } })
  if (impact.connections === 0) return { message: 'Nobody is connected through it.' }
  return {
    message: <Concerned impact={impact} />,
    consequences: [
      { count: impact.connections, one: 'live connection ends', many: 'live connections end' },
      {
        count: impact.connections === null ? null : impact.userCount,
        one: 'user is cut off',
        many: 'users are cut off',
      },
    ],
    typeName: name,
  }
}

const namesShown = 12

function Concerned({ impact: { connections, usernames, userCount } }: { impact: AuthorityImpact }): ReactNode {
  if (connections === null) return 'The broker did not answer: it is not known who is connected through it.'
  const shown = usernames.slice(0, namesShown)
  return (
    <>
      Connected through it now:{' '}
      {shown.map((username, at) => (
        <span key={username}>
          {at > 0 && ', '}
          <Machine>{username}</Machine>
        </span>
      ))}
      {userCount > shown.length && ` and ${(userCount - shown.length).toLocaleString('en')} more`}.
    </>
  )
}
