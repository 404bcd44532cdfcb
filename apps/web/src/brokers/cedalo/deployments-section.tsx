/** Where a CA is deployed, and which CAs a broker has. */

import { brokers } from '@gatehouse/contract/brokers/brokers'
import { type Deployment, deployments } from '@gatehouse/contract/brokers/deployments'
import type { Authority } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queryFor, useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toAuthority, toBroker } from '../../links.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import { confirm } from '../../ui/confirm.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Section } from '../../ui/section.tsx'
import { toast } from '../../ui/toast.tsx'
import { deploymentStateWords, errorWords, mayForget } from './deployment-words.ts'
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
            <Forget of={each} />
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
            <Forget of={each} />
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

/** Only where Gatehouse cannot bring the broker to what is wanted. */
function Forget({ of }: { of: Deployment }) {
  const { whyNot } = useSession()
  const forget = useChange(deployments.forget)
  if (!mayForget(of)) return null
  const { authority, broker, listener } = of
  const params = { fingerprint: authority.fingerprint, broker: broker.id, listener: String(listener.id) }
  const ask = () =>
    confirm({
      title: t`Forget ${authority.name} on ${broker.name}?`,
      message: t`If the CA is still on listener ${String(listener.id)}, the broker goes on trusting it. Remove the file there by hand first.`,
      action: t`Forget`,
      run: async () => {
        await forget.mutateAsync({ params })
        toast({ message: t`${authority.name} is no longer listed for ${broker.name}.` })
      },
    })
  return (
    <GuardedButton
      variant="default"
      size="xs"
      aria-label={t`Forget ${authority.name} on listener ${String(listener.id)} of ${broker.name}`}
      whyNot={whyNot(deployments.forget, params)}
      onClick={() => void ask()}
    >
      <Trans>Forget…</Trans>
    </GuardedButton>
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
