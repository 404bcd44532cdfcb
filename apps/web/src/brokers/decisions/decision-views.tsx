/** The two views of the decisions: as they happen, and those of the last days. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { decisions } from '@gatehouse/contract/brokers/decisions'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { toDecisionHistory, toLiveDecisions } from '../../links.ts'
import classes from './decision-views.module.css'

const exactly = { activeOptions: { exact: true, includeSearch: false } } as const

export function DecisionViews() {
  const { can } = useSession()
  return (
    <nav className={classes['views']} aria-label={t`Decisions`}>
      {can(broker.decisions) && (
        <Link {...toLiveDecisions()} {...exactly} className={classes['view']}>
          <Trans>Live</Trans>
        </Link>
      )}
      {can(decisions.list) && (
        <Link {...toDecisionHistory()} {...exactly} className={classes['view']}>
          <Trans>History</Trans>
        </Link>
      )}
    </nav>
  )
}
