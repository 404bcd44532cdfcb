import { type Role, roles } from '@gatehouse/contract/access/roles'
import { t } from '@lingui/core/macro'
import { MultiSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { roleChoicesQuery } from '../../access/roles/role-choices.ts'
import { useSession } from '../../api/session.ts'
import type { FactorRulesProps } from './factor-rules.tsx'

export function ChosenRoles({ form, isReadOnly }: FactorRulesProps) {
  const chosen = form.values.mfa.roles
  const { can, whyNot } = useSession()
  const { data: known } = useQuery({ ...roleChoicesQuery, enabled: can(roles.list) })
  return (
    <MultiSelect
      label={t`Roles that require MFA`}
      placeholder={chosen.length === 0 ? t`No roles chosen` : ''}
      description={whyNot(roles.list)}
      data={optionsOf(known?.items ?? [], chosen)}
      value={chosen}
      onChange={(ids) => form.setFieldValue('mfa.roles', ids)}
      error={Object.entries(form.errors).find(([path]) => path.startsWith('mfa.roles'))?.[1]}
      disabled={isReadOnly || !can(roles.list)}
      searchable
      nothingFoundMessage={t`No matching role.`}
      comboboxProps={{ shadow: 'md' }}
    />
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
