/** The page of one broker: its state, what is wrong, the test, and what it can enforce. */

import { broker as brokerRoutes } from '@gatehouse/contract/brokers/broker'
import { brokers, type StoredBroker } from '@gatehouse/contract/brokers/brokers'
import { kubernetes } from '@gatehouse/contract/brokers/kubernetes'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy } from 'react'
import { useChange } from '../../api/queries.ts'
import { type Loading, useSession } from '../../api/session.ts'
import { toBrokers, toConnections, toListeners } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Problem } from '../../ui/problem.tsx'
import { RowMenu } from '../../ui/row-menu.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { Section } from '../../ui/section.tsx'
import { TestSteps } from '../../ui/test-steps.tsx'
import { BrokerDeployments } from '../cedalo/deployments-section.tsx'
import { Stale } from '../connections/live-state.tsx'
import { AgentSection } from '../enforcers/agent-section.tsx'
import { handOverDialog } from '../kubernetes/hand-over.ts'
import { StaleHandOvers } from '../kubernetes/stale-hand-overs.tsx'
import { MosquittoSection } from '../mosquitto/mosquitto-section.tsx'
import { useRemoveBroker } from './broker-remove.ts'
import { kindWords, lagWords, nameOf, placeOf, problemWords, shownStep, stateWords } from './broker-words.ts'
import classes from './brokers.module.css'
import { CapabilityTable } from './capability-table.tsx'
import { brokerOfIdQuery } from './search.ts'

/** Loaded when it is opened. */
const BrokerEdit = lazy(() =>
  import('./broker-edit-dialog.tsx').then(({ BrokerEdit: dialog }) => ({ default: dialog })),
)

export async function load({ context, params: { id } }: Loading & { params: { id: string } }): Promise<void> {
  await context.client.fetchQuery({ ...brokerOfIdQuery(id), staleTime: 0 })
}

const page = getRouteApi('/brokers/$id')
const everyMs = 5_000

export function BrokerPage() {
  const { id } = page.useParams()
  const { edit } = page.useSearch()
  const { data, error, dataUpdatedAt } = useSuspenseQuery({ ...brokerOfIdQuery(id), refetchInterval: everyMs })
  const go = useNavigateTo()
  return (
    <>
      <BrokerHeader broker={data} />
      <Stale error={error} updatedAt={dataUpdatedAt} />
      <Problems broker={data} />
      <StaleHandOvers targetId={id} />
      <StateFacts broker={data} />
      {data.kind === 'mosquitto-agent' && <AgentSection brokerId={id} name={data.name} />}
      {data.kind === 'cedalo' && <BrokerDeployments brokerId={id} />}
      <Test key={id} broker={data} />
      {data.kind === 'mosquitto' && <MosquittoSection id={id} />}
      {data.capabilities && (
        <Section title={t`What this broker enforces`}>
          <CapabilityTable of={data.capabilities} />
        </Section>
      )}
      {edit !== undefined && data.kind !== 'embedded' && (
        <LateDialog onClose={() => go(withSearch({ edit: undefined }))}>
          <BrokerEdit key={id} id={id} />
        </LateDialog>
      )}
    </>
  )
}

function BrokerHeader({ broker }: { broker: StoredBroker }) {
  const { id, kind } = broker
  const { can, whyNot } = useSession()
  const go = useNavigateTo()
  const removeBroker = useRemoveBroker()
  const { status, label } = stateWords(broker)

  async function remove(): Promise<void> {
    if (await removeBroker(broker)) go(toBrokers())
  }

  return (
    <PageHeader
      help={() => import('./help.ts').then(({ brokersHelp }) => brokersHelp)}
      title={nameOf(broker)}
      above={
        <Link {...toBrokers()}>
          <Trans>Brokers</Trans>
        </Link>
      }
      aside={<StatusBadge status={status}>{label}</StatusBadge>}
      description={kindWords[kind]}
      actions={
        kind === 'embedded' ? (
          can(brokerRoutes.view) && (
            <Link {...toListeners()}>
              <Trans>Listeners</Trans>
            </Link>
          )
        ) : (
          <>
            <GuardedButton
              variant="default"
              whyNot={whyNot(brokers.update, { id })}
              onClick={() => go(withSearch({ edit: '' }))}
            >
              <Trans>Edit</Trans>
            </GuardedButton>
            <RowMenu
              name={nameOf(broker)}
              actions={[
                ...(kind !== 'mosquitto-agent' && can(kubernetes.generate)
                  ? [{ label: t`Kubernetes…`, onSelect: () => void handOverDialog.open({ kind: 'broker', id }) }]
                  : []),
                {
                  label: t`Remove…`,
                  dangerous: true,
                  onSelect: () => void remove(),
                  whyNot: whyNot(brokers.remove, { id }),
                },
              ]}
            />
          </>
        )
      }
    />
  )
}

/** What makes the state red is red. */
const severe = new Set(['unreachable', 'credentials_refused', 'tls_failed', 'no_answer', 'no_adapter', 'fails_open'])

function Problems({ broker: { state } }: { broker: StoredBroker }) {
  if (state.problems.length === 0) return null
  return (
    <ul className={classes['problems']} aria-label={t`Problems`}>
      {state.problems.map((problem) => (
        <li
          key={`${problem.code} ${problem.detail}`}
          data-severity={severe.has(problem.code) || !state.reachable ? 'error' : 'warning'}
        >
          {problemWords(problem)}
        </li>
      ))}
    </ul>
  )
}

function StateFacts({ broker }: { broker: StoredBroker }) {
  const { kind, state, username } = broker
  const { connections } = state
  return (
    <Section title={t`State`}>
      <Facts>
        <Fact label={t`Address`} copy={broker.host}>
          {broker.host !== null && <Machine>{placeOf(broker)}</Machine>}
        </Fact>
        <Fact label={t`Signs in as`}>{username !== null && <Machine>{username}</Machine>}</Fact>
        <Fact label={t`Reachable`}>{state.reachable ? t`yes` : t`no`}</Fact>
        <Fact label={t`Changes of access`}>{appliedWords(broker)}</Fact>
        <Fact label={t`Connections`}>
          {connections === null ? t`not known` : <Connections count={connections} isHere={kind === 'embedded'} />}
        </Fact>
      </Facts>
    </Section>
  )
}

/** With the number of the last change, which the agent and the log name too. */
function appliedWords(broker: StoredBroker): string {
  const { applied } = broker.state
  return applied === null ? lagWords(broker) : t`${lagWords(broker)} (last: ${formatNumber(applied)})`
}

/** The list of connections is that of the embedded broker. */
function Connections({ count, isHere }: { count: number; isHere: boolean }) {
  const { can } = useSession()
  if (!isHere || !can(brokerRoutes.connections)) return formatNumber(count)
  return <Link {...toConnections()}>{formatNumber(count)}</Link>
}

function Test({ broker: { id } }: { broker: StoredBroker }) {
  const { whyNot } = useSession()
  const { mutate, data, error, isPending } = useChange(brokers.test)
  return (
    <Section
      title={t`Connection test`}
      actions={
        <GuardedButton
          variant="default"
          size="xs"
          loading={isPending}
          whyNot={whyNot(brokers.test, { id })}
          onClick={() => mutate({ params: { id } })}
        >
          <Trans>Run test</Trans>
        </GuardedButton>
      }
    >
      <p>
        <Trans>
          Goes through each step of the connection, then tries to connect as a client without credentials and with a
          wrong password. Both must be refused.
        </Trans>
      </p>
      <Problem error={error} />
      <output>{data && !isPending && <TestSteps steps={data.steps.map(shownStep)} />}</output>
    </Section>
  )
}
