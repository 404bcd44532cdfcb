/** Says which settings the environment replaces in this process. */

import type { StoredListener } from '@gatehouse/contract/brokers/listeners'
import { Trans } from '@lingui/react/macro'
import { Machine } from '../../ui/badges.tsx'
import classes from './listeners.module.css'

type Override = StoredListener['overrides'][number]

interface OverriddenProps {
  listener: StoredListener | undefined
  fields: readonly Override['field'][]
}

export function Overridden({ listener, fields }: OverriddenProps) {
  const found = listener?.overrides.filter(({ field }) => fields.includes(field)) ?? []
  return found.map(({ variable, field, value }) => (
    <div key={field} className={classes['overridden']}>
      {field === 'open' ? (
        <Trans>
          <Machine>{variable}</Machine> turns this listener off, as long as the variable is set.
        </Trans>
      ) : (
        <Trans>
          <Machine>{variable}</Machine> is set, so <Machine>{value}</Machine> applies instead.
        </Trans>
      )}
    </div>
  ))
}
