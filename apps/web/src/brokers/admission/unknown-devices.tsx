/** The devices that were refused in the last days because nobody has entered them. */

import { admissionRules, deniedDevices, type UnknownDevice } from '@gatehouse/contract/brokers/admission-rules'
import { users } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useSession } from '../../api/session.ts'
import { toDecisionHistory, toNewDevice } from '../../links.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import cell from '../../ui/cell.module.css'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { withSearch } from '../../ui/search-links.ts'
import { Section } from '../../ui/section.tsx'
import { useDeny } from './denials.ts'
import { unknownDevicesQuery } from './search.ts'

const columns: readonly Column<UnknownDevice>[] = [
  { id: 'device', header: t`Device`, width: '28%', cell: ({ username }) => <Machine>{username}</Machine> },
  { id: 'ca', header: t`CA`, width: '24%', cell: ({ authorityName }) => authorityName ?? '–' },
  { id: 'last-refused', header: t`Last refused`, width: '24%', cell: (device) => <LastRefused device={device} /> },
  { id: 'state', header: t`State`, cell: ({ state }) => <State state={state} /> },
]

export function UnknownDevices() {
  const { data } = useSuspenseQuery({ ...unknownDevicesQuery, refetchInterval: 10_000 })
  const actionsOf = useActions()
  return (
    <Section
      title={t`Unknown devices seen`}
      empty={
        data.items.length === 0 &&
        t`No device with a trusted certificate was refused in the last days because its user does not exist.`
      }
    >
      <DataTable
        label={t`Unknown devices seen`}
        page={data}
        columns={columns}
        keyOf={({ username, authority }) => `${username} ${authority}`}
        nameOf={({ username }) => username}
        linkOf={({ username }) => toDecisionHistory(username)}
        isOff={({ state }) => state !== 'unknown'}
        actionsOf={actionsOf}
        isFiltered={false}
        empty={null}
      />
      {data.isMore && (
        <p>
          <Trans>There are more than are listed here.</Trans>
        </p>
      )}
    </Section>
  )
}

function useActions() {
  const { whyNot } = useSession()
  const deny = useDeny()
  return ({ username, authority, state }: UnknownDevice) => [
    ...(state === 'exists'
      ? []
      : [{ label: t`Add device`, link: toNewDevice(username), whyNot: whyNot(users.create) }]),
    {
      label: t`Add rule for its CA`,
      link: withSearch({ create: username, authority: authority ?? undefined }),
      whyNot: whyNot(admissionRules.create),
    },
    ...(state === 'unknown'
      ? [{ label: t`Deny…`, onSelect: () => void deny(username), whyNot: whyNot(deniedDevices.deny) }]
      : []),
  ]
}

function LastRefused({ device: { lastAt, address, count } }: { device: UnknownDevice }) {
  return (
    <span>
      <RelativeTime at={lastAt} />
      <span className={cell['below']}>
        {plural(count, { one: '# time', other: '# times' })} · <Machine>{address}</Machine>
      </span>
    </span>
  )
}

function State({ state }: { state: UnknownDevice['state'] }) {
  if (state === 'exists') return <StatusBadge status="valid">{t`Exists now`}</StatusBadge>
  if (state === 'denied') return <StatusBadge status="refused">{t`Denied`}</StatusBadge>
  return <StatusBadge status="off">{t`Unknown`}</StatusBadge>
}
