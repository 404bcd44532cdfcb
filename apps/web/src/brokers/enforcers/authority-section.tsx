/** The CA that signs the certificates of the agents: until when it is valid, and its replacement. */

import { type EnforcersAuthority, enforcers, type ListedEnforcer } from '@gatehouse/contract/brokers/enforcers'
import { t } from '@lingui/core/macro'
import { Plural, Trans } from '@lingui/react/macro'
import { useSession } from '../../api/session.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Timestamp } from '../../ui/relative-time.tsx'
import { Section } from '../../ui/section.tsx'
import { useCompleteAuthority, useReplaceAuthority } from './authority-actions.tsx'

interface AuthorityProps {
  authority: EnforcersAuthority
  agents: readonly ListedEnforcer[]
}

export function AuthoritySection({ authority, agents }: AuthorityProps) {
  const { fingerprint, endsAt, endsSoon, next } = authority
  const missing = agents.filter(({ certificate }) => !certificate.isOfNextAuthority)
  return (
    <Section title={t`CA of the agents`} actions={<Action isReplacing={next !== null} missing={missing} />}>
      {endsSoon && next === null && (
        <p>
          <StatusBadge status="expiring">{t`ends soon`}</StatusBadge>{' '}
          <Trans>Replace this CA. After its end, every agent must be enrolled again.</Trans>
        </p>
      )}
      {next && (
        <p>
          <Plural
            value={missing.length}
            one="The CA is being replaced. # agent has no certificate of the next CA yet."
            other="The CA is being replaced. # agents have no certificate of the next CA yet."
          />
        </p>
      )}
      <Facts>
        <Fact label={t`Fingerprint`}>
          <Machine>{fingerprint}</Machine>
        </Fact>
        <Fact label={t`Valid until`}>
          <Timestamp at={endsAt} />
        </Fact>
        <Fact label={t`Next CA`}>{next && <Machine>{next.fingerprint}</Machine>}</Fact>
        <Fact label={t`Replacement begun`}>{next && <Timestamp at={next.createdAt} />}</Fact>
      </Facts>
    </Section>
  )
}

function Action({ isReplacing, missing }: { isReplacing: boolean; missing: readonly ListedEnforcer[] }) {
  const { whyNot } = useSession()
  const replace = useReplaceAuthority()
  const complete = useCompleteAuthority()
  if (!isReplacing) {
    return (
      <GuardedButton
        size="xs"
        variant="default"
        whyNot={whyNot(enforcers.replaceAuthority)}
        onClick={() => void replace()}
      >
        <Trans>Replace…</Trans>
      </GuardedButton>
    )
  }
  return (
    <GuardedButton
      size="xs"
      variant="default"
      whyNot={whyNot(enforcers.completeAuthority)}
      onClick={() => void complete(missing)}
    >
      <Trans>Complete now…</Trans>
    </GuardedButton>
  )
}
