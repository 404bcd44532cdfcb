/** What a broker enforces, a sentence for each. */

import type { Capabilities } from '@gatehouse/contract/brokers/capabilities'
import { t } from '@lingui/core/macro'
import { type Status, StatusBadge } from '../../ui/badges.tsx'
import classes from './brokers.module.css'
import { type CapabilityLine, capabilityLines } from './capability-words.ts'

const levels: Record<CapabilityLine['level'], { status: Status; label: string }> = {
  full: { status: 'valid', label: t`fully` },
  partly: { status: 'soon', label: t`differently` },
  no: { status: 'expiring', label: t`not there` },
}

export function CapabilityTable({ of }: { of: Capabilities }) {
  return (
    <table className={classes['capabilities']} aria-label={t`What this broker enforces`}>
      <tbody>
        {capabilityLines(of).map(({ about, sentence, level }) => (
          <tr key={about}>
            <th scope="row">{about}</th>
            <td>{sentence}</td>
            <td>
              <StatusBadge status={levels[level].status}>{levels[level].label}</StatusBadge>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
