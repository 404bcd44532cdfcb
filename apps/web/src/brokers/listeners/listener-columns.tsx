/** The columns of the list of listeners. */

import type { StoredListener } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { plural, t } from '@lingui/core/macro'
import { useQuery } from '@tanstack/react-query'
import { useSession } from '../../api/session.ts'
import { formatList, formatNumber } from '../../messages/format.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import cell from '../../ui/cell.module.css'
import type { Column } from '../../ui/column.ts'
import { authorityChoicesQuery, shortFingerprint } from './authority-choices.ts'
import {
  clientCertificateWords,
  placeOf,
  purposeWords,
  stateWords,
  whyNotOpen,
  whyNotRenewed,
} from './listener-words.ts'

export const listenerColumns: readonly Column<StoredListener>[] = [
  {
    id: 'name',
    header: t`Name`,
    width: '16%',
    cell: ({ name, purpose }) => <Two above={name} below={purposeWords[purpose]} />,
  },
  { id: 'address', header: t`Address`, width: '17%', cell: (listener) => <Place listener={listener} /> },
  {
    id: 'tls',
    header: t`TLS`,
    width: '10%',
    cell: ({ tls, minimumTlsVersion, serverCertificate }) => (
      <Two
        above={tls ? tlsWords[minimumTlsVersion] : t`None`}
        below={tls && serverCertificate ? t`own certificate` : ''}
      />
    ),
  },
  {
    id: 'client-certificate',
    header: t`Client certificate`,
    width: '12%',
    cell: (listener) => <ClientCertificate listener={listener} />,
  },
  { id: 'trusted-cas', header: t`Trusted CAs`, cell: (listener) => <TrustedAuthorities listener={listener} /> },
  { id: 'state', header: t`State`, width: '18%', cell: (listener) => <State listener={listener} /> },
  {
    id: 'connections',
    header: t`Connections`,
    align: 'end',
    width: '9%',
    cell: ({ status }) => countOf(status.connections),
  },
]

const tlsWords = { '1.2': t`1.2 or later`, '1.3': t`1.3` }

/** Without TLS there are no certificates. */
const none = '–'

function countOf(connections: number | null): string {
  return connections === null ? none : formatNumber(connections)
}

function Two({ above, below }: { above: string; below: string }) {
  return (
    <span>
      {above}
      {below && <span className={cell['below']}>{below}</span>}
    </span>
  )
}

function Place({ listener }: { listener: StoredListener }) {
  const variables = listener.overrides.filter(({ field }) => field === 'address' || field === 'port')
  return (
    <span>
      <Machine>{placeOf(listener)}</Machine>
      {variables.length > 0 && (
        <span className={cell['below']}>{t`set by ${formatList(variables.map(({ variable }) => variable))}`}</span>
      )}
    </span>
  )
}

/** The rule that counts now. */
function ruleOf({ clientCertificate, overrides }: StoredListener): StoredListener['clientCertificate'] {
  const given = overrides.find(({ field }) => field === 'clientCertificate')?.value
  return given === 'required' || given === 'accepted' || given === 'ignored' ? given : clientCertificate
}

function ClientCertificate({ listener }: { listener: StoredListener }) {
  const rule = ruleOf(listener)
  if (!listener.tls) return none
  const isBesides = rule !== 'ignored' && listener.identity === 'password'
  return <Two above={clientCertificateWords[rule]} below={isBesides ? t`and a password` : ''} />
}

function TrustedAuthorities({ listener }: { listener: StoredListener }) {
  const { can } = useSession()
  const { data } = useQuery({ ...authorityChoicesQuery(), enabled: can(authorities.list) })
  const { tls, trustedAuthorities, missingAuthorities } = listener
  if (!tls || ruleOf(listener) === 'ignored') return none
  if (trustedAuthorities === null) return t`All`
  const names = new Map(data?.items.map(({ fingerprint, name }) => [fingerprint, name]))
  const trusted = trustedAuthorities.filter((each) => !missingAuthorities.includes(each))
  return (
    <span>
      {trusted.length === 0 ? t`None` : formatList(trusted.map((each) => names.get(each) ?? shortFingerprint(each)))}
      {missingAuthorities.length > 0 && (
        <span className={cell['below']}>
          {plural(missingAuthorities.length, {
            one: '# chosen CA is no longer trusted',
            other: '# chosen CAs are no longer trusted',
          })}
        </span>
      )}
    </span>
  )
}

function State({ listener }: { listener: StoredListener }) {
  const { status, label } = stateWords[listener.status.state]
  const why = whyNotOpen(listener) || whyNotRenewed(listener)
  return (
    <span>
      <StatusBadge status={status}>{label}</StatusBadge>
      {why && <span className={cell['below']}>{why}</span>}
    </span>
  )
}
