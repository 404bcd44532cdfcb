/** Where a CA is deployed, and which CAs a broker has. */

import { brokers } from '@gatehouse/contract/brokers/brokers'
import { type Deployment, deployments } from '@gatehouse/contract/brokers/deployments'
import type { Authority } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toAuthority, toBroker } from '../../links.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Section } from '../../ui/section.tsx'
import { deploymentStateWords, errorWords } from './deployment-words.ts'
import classes from './deployments.module.css'
import { deployDialog, useDeployments } from './deployments.ts'

/** Only where there is a Cedalo broker: others get the trust store by themselves. */
export function AuthorityDeployments({ authority }: { authority: Authority }) {
  const { can, whyNot } = useSession()
  const { fingerprint } = authority
  const { data } = useQuery({ ...queryFor(brokers.list, {}), enabled: can(brokers.list) })
  const items = useDeployments({ authority: fingerprint })
  if (!items || !data?.items.some(({ kind }) => kind === 'cedalo')) return null
  return (
    <Section
      title={t`Deployed on Cedalo brokers`}
      empty={items.length === 0 && t`Not deployed.`}
      actions={
        <GuardedButton
          variant="default"
          size="xs"
          whyNot={whyNot(deployments.deploy, { fingerprint })}
          onClick={() => void deployDialog.open(authority)}
        >
          <Trans>Deploy…</Trans>
        </GuardedButton>
      }
    >
      <ul className={classes['list']} aria-label={t`Deployed on Cedalo brokers`}>
        {items.map((each) => (
          <li key={`${each.broker.id} ${each.listener.id}`}>
            <Link {...toBroker(each.broker.id)}>{each.broker.name}</Link>
            <Listener of={each} />
            <State of={each} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

export function BrokerDeployments({ brokerId }: { brokerId: string }) {
  const items = useDeployments({ broker: brokerId })
  if (!items) return null
  return (
    <Section
      title={t`Deployed CAs`}
      empty={
        items.length === 0 && t`None. Choose “Deploy…” on the page of a CA, or listeners in the settings that get all.`
      }
    >
      <ul className={classes['list']} aria-label={t`Deployed CAs`}>
        {items.map((each) => (
          <li key={`${each.authority.fingerprint} ${each.listener.id}`}>
            <Link {...toAuthority(each.authority.fingerprint)}>{each.authority.name}</Link>
            <Listener of={each} />
            <State of={each} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Listener({ of: { listener } }: { of: Deployment }) {
  return (
    <span>
      <Trans>
        port {String(listener.port)}, listener {String(listener.id)}
      </Trans>
    </span>
  )
}

function State({ of: { state, error } }: { of: Deployment }) {
  const { status, label } = deploymentStateWords[state]
  return (
    <span className={classes['state']}>
      <StatusBadge status={status}>{label}</StatusBadge>
      {error !== null && <span className={classes['error']}>{errorWords(error)}</span>}
    </span>
  )
}
