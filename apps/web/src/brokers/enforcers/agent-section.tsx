/** The agent of a broker on another host: whether it is there, what it found, and how one enrols. */

import { type BrokerEnforcer, type Enforcer, enforcers } from '@gatehouse/contract/brokers/enforcers'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { Machine } from '../../ui/badges.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Problem } from '../../ui/problem.tsx'
import { RelativeTime, Timestamp } from '../../ui/relative-time.tsx'
import { Section } from '../../ui/section.tsx'
import { useCancelEnrolment, useEnrolAgent, useRestoreByAgent, useRevokeAgent } from './agent-actions.tsx'

const everyMs = 5_000

/** `name`: of the broker. */
export function AgentSection({ brokerId: id, name }: { brokerId: string; name: string }) {
  const { data, error } = useQuery({ ...queryFor(enforcers.view, { params: { id } }), refetchInterval: everyMs })
  return (
    <Section title={t`Agent`} actions={data && <Actions id={id} name={name} found={data} />}>
      <Problem error={error} />
      {data && <Found id={id} found={data} />}
    </Section>
  )
}

function Actions({ id, name, found }: { id: string; name: string; found: BrokerEnforcer }) {
  const { whyNot } = useSession()
  const enrol = useEnrolAgent()
  const revoke = useRevokeAgent()
  const restore = useRestoreByAgent()
  const noAddress = found.address === null ? t`Set GATEHOUSE_ENFORCERS_PORT on the server first.` : undefined
  return (
    <Group gap="xs">
      {found.enforcer?.problems.some(({ code }) => code === 'drift') && (
        <GuardedButton size="xs" whyNot={whyNot(enforcers.restore, { id })} onClick={() => void restore({ id, name })}>
          <Trans>Undo changes made on the broker…</Trans>
        </GuardedButton>
      )}
      <GuardedButton
        size="xs"
        variant="default"
        whyNot={whyNot(enforcers.enrol, { id }) ?? noAddress}
        onClick={() => void enrol({ id, name, replaces: found.enforcer !== null })}
      >
        {found.enforcer === null ? <Trans>Enrol…</Trans> : <Trans>Replace…</Trans>}
      </GuardedButton>
      {found.enforcer !== null && (
        <GuardedButton
          size="xs"
          variant="default"
          whyNot={whyNot(enforcers.revoke, { id })}
          onClick={() => void revoke({ id, name })}
        >
          <Trans>Revoke…</Trans>
        </GuardedButton>
      )}
    </Group>
  )
}

function Found({ id, found: { enforcer, enrolment, address } }: { id: string; found: BrokerEnforcer }) {
  return (
    <>
      {enrolment && <OpenEnrolment id={id} enrolment={enrolment} />}
      {enforcer === null ? (
        <p>
          <Trans>
            No agent is enrolled. It runs beside Mosquitto, fetches what this console decides, and applies it there.
          </Trans>
        </p>
      ) : (
        <AgentFacts enforcer={enforcer} />
      )}
      <Facts>
        <Fact label={t`Agents connect to`}>{address !== null && <Machine>{address}</Machine>}</Fact>
      </Facts>
    </>
  )
}

function OpenEnrolment({ id, enrolment }: { id: string; enrolment: NonNullable<BrokerEnforcer['enrolment']> }) {
  const { whyNot } = useSession()
  const cancel = useCancelEnrolment()
  const { createdBy, expiresAt } = enrolment
  return (
    <p>
      <Trans>
        A token of {createdBy} waits for an agent. It expires <RelativeTime at={expiresAt} />.
      </Trans>{' '}
      <GuardedButton
        size="compact-xs"
        variant="default"
        whyNot={whyNot(enforcers.cancel, { id })}
        onClick={() => cancel({ id })}
      >
        <Trans>Cancel the token</Trans>
      </GuardedButton>
    </p>
  )
}

function AgentFacts({ enforcer }: { enforcer: Enforcer }) {
  const { inventory, clockAheadSeconds } = enforcer
  return (
    <Facts>
      <Fact label={t`Machine`}>
        <Machine>{enforcer.host}</Machine>
      </Fact>
      <Fact label={t`Connected`}>
        <Connected enforcer={enforcer} />
      </Fact>
      <Fact label={t`From`}>{enforcer.lastAddress !== null && <Machine>{enforcer.lastAddress}</Machine>}</Fact>
      <Fact label={t`Last change applied`}>
        {enforcer.appliedAt !== null && <RelativeTime at={enforcer.appliedAt} />}
      </Fact>
      <Fact label={t`Clock`}>{clockWords(clockAheadSeconds)}</Fact>
      <Fact label={t`Certificate valid until`}>
        <Timestamp at={enforcer.certificateEndsAt} />
      </Fact>
      <Fact label={t`Enrolled`}>
        <RelativeTime at={enforcer.enrolledAt} />
      </Fact>
      <Fact label={t`Version`}>{enforcer.programVersion}</Fact>
      <Fact label={t`Clients of others on the broker`}>{inventory && namesOf(inventory.foreignClients)}</Fact>
      <Fact label={t`Files of others in the CA folder`}>{inventory && namesOf(inventory.foreignFiles)}</Fact>
      <Fact label={t`No password there yet`}>{inventory && namesOf(inventory.withoutPassword)}</Fact>
    </Facts>
  )
}

function Connected({ enforcer: { isConnected, lastSeenAt } }: { enforcer: Enforcer }) {
  if (isConnected) return t`yes`
  if (lastSeenAt === null) return t`not yet`
  return (
    <Trans>
      no, last seen <RelativeTime at={lastSeenAt} />
    </Trans>
  )
}

/** A few seconds are no difference: the report was under way. */
function clockWords(aheadSeconds: number | null): string | null {
  if (aheadSeconds === null || Math.abs(aheadSeconds) < 5) return null
  return aheadSeconds > 0 ? t`${aheadSeconds} s ahead` : t`${-aheadSeconds} s behind`
}

function namesOf(names: readonly string[]): string | null {
  return names.length === 0 ? null : names.join(', ')
}
