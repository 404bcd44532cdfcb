/** Who must have a second factor, and what that means for those who have none. */
import { type Role, roles } from '@gatehouse/contract/roles'
import { MultiSelect, SegmentedControl } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { sessionQuery, useSession } from '../api/session.ts'
import classes from './policies.module.css'
import type { PolicyValues } from './policy-groups.ts'
import { roleChoicesQuery } from './role-choices.ts'

interface FactorRulesProps {
  form: UseFormReturnType<PolicyValues>
  isReadOnly: boolean
}

const choices = [
  { value: 'nobody', label: 'Nobody' },
  { value: 'roles', label: 'Chosen roles' },
  { value: 'everyone', label: 'Everyone' },
] as const

export function FactorRules({ form, isReadOnly }: FactorRulesProps) {
  const { requiredFor, roles: chosen } = form.values.mfa
  const { can, whyNot } = useSession()
  const { data: known } = useQuery({ ...roleChoicesQuery, enabled: can(roles.list) })
  return (
    <fieldset className={classes['group']}>
      <legend>Multi-factor authentication</legend>
      <p>
        Required for those below, and for users of whom it is required one by one. Machines without a password are
        untouched.
      </p>
      <SegmentedControl
        aria-label="Required for"
        disabled={isReadOnly}
        data={[...choices]}
        value={requiredFor}
        onChange={(value) => form.setFieldValue('mfa.requiredFor', value)}
      />
      {requiredFor === 'roles' && (
        <MultiSelect
          label="Roles whose holders need it"
          placeholder={chosen.length === 0 ? 'None: nobody yet' : ''}
          description={whyNot(roles.list)}
          data={optionsOf(known?.items ?? [], chosen)}
          value={chosen}
          onChange={(ids) => form.setFieldValue('mfa.roles', ids)}
          error={Object.entries(form.errors).find(([path]) => path.startsWith('mfa.roles'))?.[1]}
          disabled={isReadOnly || !can(roles.list)}
          searchable
          nothingFoundMessage="No role has this name."
          comboboxProps={{ shadow: 'md' }}
        />
      )}
      {form.isDirty('mfa') && requiredFor !== 'nobody' && <Consequence />}
    </fieldset>
  )
}

function Consequence() {
  const { data: held } = useSuspenseQuery(sessionQuery)
  return (
    <div className={classes['consequence']}>
      Whoever is meant and has no second factor can do nothing but set one up, in open sessions too, from the moment
      this is saved.{!held?.mfaEnabled && ' You have none yourself: if you are meant, that is your next step.'}
    </div>
  )
}

/** What is chosen stays in the list, known or not. */
function optionsOf(known: readonly Role[], chosen: readonly string[]) {
  const unknown = chosen.filter((id) => known.every((role) => role.id !== id))
  return [
    ...known.map(({ id, name }) => ({ value: id, label: name })),
    ...unknown.map((id) => ({ value: id, label: id })),
  ]
}
