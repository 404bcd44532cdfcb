/** The listeners of the broker that trust a CA. */

import { listeners, type StoredListener } from '@gatehouse/contract/brokers/listeners'
import type { Authority } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toListener } from '../../links.ts'
import { formatList } from '../../messages/format.ts'
import { Section } from '../../ui/section.tsx'
import classes from './authorities.module.css'

export function TrustingListeners({ authority: { fingerprint, withdrawnAt } }: { authority: Authority }) {
  const { can } = useSession()
  const { data } = useQuery({ ...queryFor(listeners.list, { search: {} }), enabled: can(listeners.list) })
  if (!data || withdrawnAt !== null) return null
  const trusting = data.items.filter((listener) => accepts(listener, fingerprint))
  return (
    <Section
      title={t`Listeners that trust it`}
      empty={trusting.length === 0 && t`None. No client can connect with its certificates.`}
    >
      <ul className={classes['listeners']} aria-label={t`Listeners that trust it`}>
        {trusting.map(({ id, name, trustedAuthorities }) => (
          <li key={id}>
            <Link {...toListener(id)}>{name}</Link>
            <span>{trustedAuthorities === null ? t`trusts all CAs` : chosenWords(trustedAuthorities.length)}</span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function chosenWords(count: number): string {
  return count === 1 ? t`trusts this CA only` : t`trusts ${count} chosen CAs`
}

function accepts({ tls, clientCertificate, trustedAuthorities }: StoredListener, fingerprint: string): boolean {
  const asks = tls && clientCertificate !== 'ignored'
  return asks && (trustedAuthorities === null || trustedAuthorities.includes(fingerprint))
}

/** Before the CA is deleted: what its listeners are left with. `naming`: those that name it in their list. */
export function ListenersLeft({ naming, fingerprint }: { naming: readonly StoredListener[]; fingerprint: string }) {
  const isLast = ({ trustedAuthorities, missingAuthorities }: StoredListener) =>
    trustedAuthorities?.every((each) => each === fingerprint || missingAuthorities.includes(each)) ?? false
  const last = formatList(naming.filter(isLast).map(({ name }) => name))
  const others = formatList(naming.filter((each) => !isLast(each)).map(({ name }) => name))
  return (
    <>
      {last && (
        <p>
          <Trans>It is the only CA of these listeners, which then accept no client certificate: {last}.</Trans>
        </p>
      )}
      {others && (
        <p>
          <Trans>These listeners name it and then trust one CA less: {others}.</Trans>
        </p>
      )}
    </>
  )
}
