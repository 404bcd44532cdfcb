/** Who must have a second factor, and what that means for those who have none. */
import { users } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useQueries, useSuspenseQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { queryFor } from '../../api/queries.ts'
import { sessionQuery, useSession } from '../../api/session.ts'
import classes from './policies.module.css'
import type { PolicyValues } from './policy-groups.ts'
import { requiredForWords } from './policy-words.ts'

/** Loaded where roles are chosen: a field for several brings its own machinery. */
const ChosenRoles = lazy(() => import('./chosen-roles.tsx').then(({ ChosenRoles: field }) => ({ default: field })))

export interface FactorRulesProps {
  form: UseFormReturnType<PolicyValues>
  isReadOnly: boolean
}

const choices = [
  { value: 'nobody', label: requiredForWords.nobody },
  { value: 'roles', label: requiredForWords.roles },
  { value: 'everyone', label: requiredForWords.everyone },
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
      {form.isDirty('mfa') && requiredFor !== 'nobody' && (
        <Consequence roles={requiredFor === 'roles' ? form.values.mfa.roles : null} />
      )}
    </fieldset>
  )
}

/** `roles`: null stands for everyone. */
function Consequence({ roles }: { roles: readonly string[] | null }) {
  const { data: held } = useSuspenseQuery(sessionQuery)
  const affected = useAffected(roles)
  return (
    <div className={classes['consequence']}>
      {affected !== null && <>{affectedWords(affected, (roles?.length ?? 0) > 1)} </>}
      <Trans>Affected users must set up MFA before continuing, in open sessions too, as soon as you save.</Trans>
      {!held?.mfaEnabled && <> {t`You have not set it up. If this affects you, it is your next step.`}</>}
    </div>
  )
}

/** `isAtMost`: users with several of the roles were counted for each. */
function affectedWords(count: number, isAtMost: boolean): string {
  return isAtMost
    ? plural(count, {
        one: 'At most # user with a password has not set it up.',
        other: 'At most # users with a password have not set it up.',
      })
    : plural(count, {
        one: '# user with a password has not set it up.',
        other: '# users with a password have not set it up.',
      })
}

/** Enabled users who sign in with a password and have no MFA. A user with two of the roles counts twice. Null: not known. */
function useAffected(roles: readonly string[] | null): number | null {
  const { can } = useSession()
  const found = useQueries({
    queries: (roles ?? [undefined]).map((role) => ({
      ...queryFor(users.list, {
        search: {
          'role[eq]': role,
          'method[eq]': 'password' as const,
          'state[eq]': 'enabled' as const,
          'factor[eq]': 'off' as const,
          limit: 1,
        },
      }),
      enabled: can(users.list),
    })),
  })
  const totals = found.map(({ data }) => data?.total ?? null)
  return totals.reduce<number | null>((sum, total) => (sum === null || total === null ? null : sum + total), 0)
}
