/** The columns of the list of admission rules. */

import type { AdmissionRule } from '@gatehouse/contract/brokers/admission-rules'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { admissionProblemWords } from '../../access/decision/admission-words.ts'
import { formatList, formatNumber } from '../../messages/format.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import cell from '../../ui/cell.module.css'
import type { Column } from '../../ui/column.ts'

export const ruleColumns: readonly Column<AdmissionRule>[] = [
  { id: 'name', header: t`Name`, width: '18%', cell: (rule) => <Name rule={rule} /> },
  { id: 'devices', header: t`Devices`, width: '22%', cell: (rule) => <Devices rule={rule} /> },
  { id: 'roles', header: t`Roles`, width: '18%', cell: (rule) => <Roles rule={rule} /> },
  { id: 'admitted', header: t`Admitted`, width: '14%', cell: (rule) => <Admitted rule={rule} /> },
  { id: 'state', header: t`State`, cell: (rule) => <State rule={rule} /> },
]

function Name({ rule: { name, author } }: { rule: AdmissionRule }) {
  return (
    <span>
      {name}
      <span className={cell['below']}>
        {author ? t`${author.username} is responsible` : t`the responsible user was deleted`}
      </span>
    </span>
  )
}

function Devices({ rule: { usernames, authorityName } }: { rule: AdmissionRule }) {
  return (
    <span>
      <Machine>{usernames.join(', ')}</Machine>
      <span className={cell['below']}>
        {authorityName === null ? t`the CA is no longer trusted` : t`of ${authorityName}`}
      </span>
    </span>
  )
}

function Roles({ rule: { roleNames } }: { rule: AdmissionRule }) {
  const known = roleNames.filter((name) => name !== null)
  const isMissing = known.length < roleNames.length
  return (
    <span>
      {known.length > 0 ? formatList(known) : t`None`}
      {isMissing && <span className={cell['below']}>{t`a role was deleted`}</span>}
    </span>
  )
}

function Admitted({ rule: { admitted, maxTotal, admittedLastHour, maxPerHour } }: { rule: AdmissionRule }) {
  return (
    <span>
      <Trans>
        {formatNumber(admitted)} of {formatNumber(maxTotal)}
      </Trans>
      <span className={cell['below']}>
        <Trans>
          {formatNumber(admittedLastHour)} of {formatNumber(maxPerHour)} in the last hour
        </Trans>
      </span>
    </span>
  )
}

function State({ rule: { enabled, problem, authorityName } }: { rule: AdmissionRule }) {
  if (!enabled) return <StatusBadge status="off">{t`Off`}</StatusBadge>
  if (authorityName === null) return <StatusBadge status="refused">{t`Admits nobody`}</StatusBadge>
  if (problem === null) return <StatusBadge status="valid">{t`On`}</StatusBadge>
  return (
    <span>
      <StatusBadge status={problem === 'admission_limit' ? 'expiring' : 'refused'}>{t`Admits nobody`}</StatusBadge>
      <span className={cell['below']}>{ruleProblemWords(problem)}</span>
    </span>
  )
}

/** Shorter than for a device that is refused: the rule is known here. */
export function ruleProblemWords(problem: NonNullable<AdmissionRule['problem']>): string {
  const words: Record<typeof problem, string> = {
    admission_roles: t`A role was deleted or has permissions in the console.`,
    admission_author: t`The responsible person lacks some of its permissions or is disabled.`,
    admission_limit: t`The limit is reached.`,
  }
  return `${words[problem]} ${admissionProblemWords[problem].advice}`
}
