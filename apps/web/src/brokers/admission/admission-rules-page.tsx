/** The admission rules, and the devices that were refused because nobody has entered them. */

import { type AdmissionRule, admissionRules } from '@gatehouse/contract/brokers/admission-rules'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { IconPlus } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy } from 'react'
import { type Loading, useSession } from '../../api/session.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { LateDialog } from '../../ui/late-dialog.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import classes from './admission.module.css'
import { AdmissionViews } from './admission-views.tsx'
import { useRemoveRule, useSwitchRule } from './rule-actions.ts'
import { ruleColumns } from './rule-columns.tsx'
import { type AdmissionRulesSearch, ruleQuery, rulesQuery, unknownDevicesQuery } from './search.ts'
import { UnknownDevices } from './unknown-devices.tsx'

/** Loaded when one is opened. */
const RuleCreate = lazy(() =>
  import('./rule-create-dialog.tsx').then(({ RuleCreate: dialog }) => ({ default: dialog })),
)
const RuleEdit = lazy(() => import('./rule-edit-dialog.tsx').then(({ RuleEdit: dialog }) => ({ default: dialog })))

export async function load({ context: { client }, deps }: Loading<AdmissionRulesSearch>): Promise<void> {
  await Promise.all([
    client.ensureQueryData(rulesQuery),
    client.ensureQueryData(unknownDevicesQuery),
    deps.edit !== undefined && client.fetchQuery({ ...ruleQuery(deps.edit), staleTime: 0 }),
  ])
}

const page = getRouteApi('/broker/admission-rules')

export function AdmissionRulesPage() {
  const { create, authority, edit } = page.useSearch()
  const { data } = useSuspenseQuery({ ...rulesQuery, refetchInterval: 5_000 })
  const { whyNot } = useSession()
  const go = useNavigateTo()
  const actionsOf = useActions()
  return (
    <>
      <PageHeader
        help={() => import('./help.ts').then(({ admissionHelp }) => admissionHelp)}
        title={t`Admission rules`}
        description={t`A rule admits unknown devices of a CA: when one connects, the embedded broker creates its user with the roles of the rule. Other brokers refuse the device until its user exists.`}
        actions={
          <GuardedButton
            leftSection={<IconPlus size={16} aria-hidden />}
            whyNot={whyNot(admissionRules.create)}
            onClick={() => go(withSearch({ create: '' }))}
          >
            <Trans>Add rule</Trans>
          </GuardedButton>
        }
      />
      <AdmissionViews />
      <DataTable
        label={t`Admission rules`}
        page={data}
        columns={ruleColumns}
        keyOf={({ id }) => id}
        nameOf={({ name }) => name}
        linkOf={({ id }) => withSearch({ edit: id })}
        isOff={({ enabled }) => !enabled}
        actionsOf={actionsOf}
        isFiltered={false}
        empty={
          <EmptyState title={t`No admission rules`}>
            <Trans>Every unknown device is refused. Add devices one by one, or add a rule for those of a CA.</Trans>
          </EmptyState>
        }
      />
      <div className={classes['unknown']}>
        <UnknownDevices />
      </div>
      {create !== undefined && (
        <LateDialog onClose={() => go(withSearch({ create: undefined, authority: undefined }))}>
          <RuleCreate username={create} authority={authority} />
        </LateDialog>
      )}
      {edit !== undefined && (
        <LateDialog onClose={() => go(withSearch({ edit: undefined }))}>
          <RuleEdit key={edit} id={edit} />
        </LateDialog>
      )}
    </>
  )
}

function useActions() {
  const { whyNot } = useSession()
  const remove = useRemoveRule()
  const switchRule = useSwitchRule()
  return (rule: AdmissionRule) => {
    const { id } = rule
    const whyNotChange = whyNot(admissionRules.update, { id })
    return [
      { label: whyNotChange ? t`Show` : t`Edit`, link: withSearch({ edit: id }) },
      {
        label: rule.enabled ? t`Turn off` : t`Turn on`,
        onSelect: () => void switchRule(rule),
        whyNot: whyNotChange,
      },
      {
        label: t`Delete…`,
        dangerous: true as const,
        onSelect: () => void remove(rule),
        whyNot: whyNot(admissionRules.remove, { id }),
      },
    ]
  }
}
