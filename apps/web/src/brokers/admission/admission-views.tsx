/** The two views: the rules, and the names that no rule admits. */
import { admissionRules, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { toAdmissionRules, toDeniedDevices } from '../../links.ts'
import classes from '../decisions/decision-views.module.css'

const exactly = { activeOptions: { exact: true, includeSearch: false } } as const

export function AdmissionViews() {
  const { can } = useSession()
  return (
    <nav className={classes['views']} aria-label={t`Admission rules`}>
      {can(admissionRules.list) && (
        <Link {...toAdmissionRules()} {...exactly} className={classes['view']}>
          <Trans>Rules</Trans>
        </Link>
      )}
      {can(deniedDevices.list) && (
        <Link {...toDeniedDevices()} {...exactly} className={classes['view']}>
          <Trans>Denied names</Trans>
        </Link>
      )}
    </nav>
  )
}
