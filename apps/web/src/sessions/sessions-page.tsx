/** Settings → Sessions: where one is signed in, and ending what is not one's own doing. */
import { type OpenSession, sessions } from '@gatehouse/contract/sessions'
import { useSuspenseQuery } from '@tanstack/react-query'
import { queryFor, useChange } from '../api/queries.ts'
import type { Loading } from '../api/session.ts'
import { StatusBadge } from '../feedback/badges.tsx'
import { confirm } from '../feedback/confirm.tsx'
import { GuardedButton } from '../feedback/guarded-button.tsx'
import { RelativeTime } from '../feedback/relative-time.tsx'
import { toast } from '../feedback/toast.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import type { Column } from '../table/column.ts'
import { DataTable } from '../table/data-table.tsx'
import { endedSessions } from '../words/consequences.ts'
import { userAgentWords } from '../words/user-agent.ts'

const sessionsQuery = queryFor(sessions.list, {})

export async function load({ context }: Loading): Promise<void> {
  await context.client.ensureQueryData(sessionsQuery)
}

const columns: readonly Column<OpenSession>[] = [
  { header: 'Where', cell: (open) => <Where open={open} /> },
  { header: 'Address', cell: ({ address }) => address },
  { header: 'Signed in', width: '168px', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
  { header: 'Last seen', width: '168px', cell: ({ lastSeenAt }) => <RelativeTime at={lastSeenAt} /> },
]

export function SessionsPage() {
  const { data } = useSuspenseQuery(sessionsQuery)
  const { endOne, endOthers } = useEndSessions()
  const others = data.items.filter(({ current }) => !current).length
  return (
    <>
      <PageHeader
        title="Sessions"
        description="Where you are signed in to the console. What you do not know, end, and change your password."
        actions={
          <GuardedButton
            variant="default"
            whyNot={others === 0 ? 'This is the only one.' : undefined}
            onClick={() => void endOthers(others)}
          >
            End all others
          </GuardedButton>
        }
      />
      <DataTable
        label="Sessions"
        page={data}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={nameOf}
        actionsOf={(open) => [
          {
            label: 'End…',
            dangerous: true,
            onSelect: () => void endOne(open),
            whyNot: open.current ? 'This one: sign out instead.' : undefined,
          },
        ]}
        isFiltered={false}
        empty={null}
      />
    </>
  )
}

function useEndSessions() {
  const one = useChange(sessions.end, { invalidates: [sessions.list] })
  const others = useChange(sessions.endOthers, { invalidates: [sessions.list] })

  async function endOne(open: OpenSession): Promise<void> {
    const isEnded = await confirm({
      title: 'End this session?',
      message: `${nameOf(open)} has to sign in again.`,
      action: 'End session',
      run: () => one.mutateAsync({ params: { id: open.id } }),
    })
    if (isEnded) toast({ message: endedSessions(1) })
  }

  async function endOthers(count: number): Promise<void> {
    await confirm({
      title: 'End all other sessions?',
      message: 'This one stays.',
      consequences: [{ count, one: 'session ends', many: 'sessions end' }],
      action: 'End all others',
      run: async () => {
        const { ended } = await others.mutateAsync({})
        toast({ message: endedSessions(ended) })
      },
    })
  }

  return { endOne, endOthers }
}

function Where({ open }: { open: OpenSession }) {
  return (
    <span title={open.userAgent ?? undefined}>
      {userAgentWords(open.userAgent)} {open.current && <StatusBadge status="valid">this one</StatusBadge>}
    </span>
  )
}

function nameOf({ userAgent, address }: OpenSession): string {
  return `${userAgentWords(userAgent)} at ${address}`
}
