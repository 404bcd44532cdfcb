/** Who must have a second factor, and what that means for those who have none. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useSuspenseQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { sessionQuery } from '../../api/session.ts'
import classes from './policies.module.css'
import type { PolicyValues } from './policy-groups.ts'

/** Loaded where roles are chosen: a field for several brings its own machinery. */
const ChosenRoles = lazy(() => import('./chosen-roles.tsx').then(({ ChosenRoles: field }) => ({ default: field })))

export interface FactorRulesProps {
  form: UseFormReturnType<PolicyValues>
  isReadOnly: boolean
}

const choices = [
  { value: 'nobody', label: t`No one` },
  { value: 'roles', label: t`Chosen roles` },
  { value: 'everyone', label: t`Everyone` },
] as const

export function FactorRules({ form, isReadOnly }: FactorRulesProps) {
  const { requiredFor } = form.values.mfa
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Multi-factor authentication</Trans>
      </legend>
      <p>
        <Trans>
          Required for these users, and for users with an individual requirement. Devices without a password are not
          affected.
        </Trans>
      </p>
      <SegmentedControl
        aria-label={t`Required for`}
        disabled={isReadOnly}
        data={[...choices]}
        value={requiredFor}
        onChange={(value) => form.setFieldValue('mfa.requiredFor', value)}
      />
      {requiredFor === 'roles' && (
        <Suspense>
          <ChosenRoles form={form} isReadOnly={isReadOnly} />
        </Suspense>
      )}
      {form.isDirty('mfa') && requiredFor !== 'nobody' && <Consequence />}
    </fieldset>
  )
}

function Consequence() {
  const { data: held } = useSuspenseQuery(sessionQuery)
  return (
    <div className={classes['consequence']}>
      <Trans>Affected users must enrol before continuing, in open sessions too, as soon as you save.</Trans>
      {!held?.mfaEnabled && <> {t`You have not set it up. If this affects you, it is your next step.`}</>}
    </div>
  )
}
