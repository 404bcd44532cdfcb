/** One decision: what happened, to whom, why, and a link to the cause. */

import type { Decision } from '@gatehouse/contract/brokers/broker'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { fixFor } from '../../access/decision/refusal-fix.ts'
import { decisionWords, outcomeWords } from '../../access/decision/refusal-words.ts'
import { useSession } from '../../api/session.ts'
import { formatExactTime } from '../../messages/format.ts'
import { Machine, type Status, StatusBadge } from '../../ui/badges.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Timestamp } from '../../ui/relative-time.tsx'
import classes from '../broker.module.css'

const statusOf: Record<Decision['outcome'], Status> = { admitted: 'valid', refused: 'refused', closed: 'off' }

/** A decision, or an entry that stands for several equal ones. `at`: the last of them. */
type Line = Omit<Decision, 'id' | 'holder'> & { holder?: string | null; firstAt?: string; count?: number }

export function DecisionLine({ decision }: { decision: Line }) {
  const { at, outcome } = decision
  const { sentence, advice } = decisionWords(decision)
  return (
    <li className={classes['decision']}>
      <span className={classes['when']}>
        <Timestamp at={at} />
        <Repetition decision={decision} />
      </span>
      <span className={classes['outcome']}>
        <StatusBadge status={statusOf[outcome]}>{outcomeWords[outcome]}</StatusBadge>
      </span>
      <div className={classes['what']}>
        <div>
          <span className={classes['who']}>
            <Client decision={decision} />
          </span>
          {decision.reason !== null && ':'} {sentence}
        </div>
        {advice && <div className={classes['advice']}>{advice}</div>}
        <Circumstances decision={decision} />
      </div>
      <Mend decision={decision} />
    </li>
  )
}

function Repetition({ decision: { count = 1, firstAt } }: { decision: Line }) {
  if (count === 1 || firstAt === undefined) return null
  return (
    <div className={classes['count']} title={t`First at ${formatExactTime(firstAt)}`}>
      {plural(count, { one: '# time', other: '# times' })}
    </div>
  )
}

function Client({ decision: { username, unknownUsernameLength: length } }: { decision: Line }) {
  if (username !== null) return <Machine>{username}</Machine>
  return length === null ? t`A client` : t`A client with an unknown username of ${length} characters`
}

function Mend({ decision }: { decision: Line }) {
  const { can } = useSession()
  const fix = fixFor({
    ...decision,
    authority: decision.certificate?.authority ?? null,
    revocation: decision.certificate?.revocation,
  })
  if (!fix || !can(fix.needs)) return null
  return (
    <Link {...fix.link} className={classes['mend']}>
      {fix.label}
    </Link>
  )
}

function Circumstances({ decision }: { decision: Line }) {
  const { listener, address, clientId, topic, certificate, admissionRule } = decision
  return (
    <div className={classes['circumstances']}>
      <Circumstance label={listener}>{address}</Circumstance>
      {clientId !== null && <Circumstance label={t`client id`}>{clientId}</Circumstance>}
      {topic !== null && <Circumstance label={t`topic`}>{topic}</Circumstance>}
      {admissionRule !== null && <Circumstance label={t`admission rule`}>{admissionRule}</Circumstance>}
      {certificate && (
        <>
          <Circumstance label={t`certificate`}>{certificate.subject}</Circumstance>
          <span className={classes['fingerprint']} title={certificate.fingerprint}>
            <Trans>
              SHA-256 <Machine>{certificate.fingerprint.slice(0, 12)}…</Machine>
            </Trans>
            <CopyButton value={certificate.fingerprint} label={t`Copy fingerprint`} />
          </span>
        </>
      )}
    </div>
  )
}

function Circumstance({ label, children }: { label: string; children: ReactNode }) {
  return (
    <span className={classes['circumstance']}>
      {label} <Machine>{children}</Machine>
    </span>
  )
}
