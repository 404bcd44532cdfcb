/** The roles of a user, searched while typing. A role with more permissions than the own ones is disabled. */

import { type Role, roles } from '@gatehouse/contract/access/roles'
import { t } from '@lingui/core/macro'
import { type ComboboxItem, type ComboboxLikeRenderOptionInput, MultiSelect } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useSession } from '../../api/session.ts'
import { describeField } from '../../ui/field-words.ts'
import { foundRolesQuery } from './found-roles.ts'
import classes from './roles-field.module.css'

type NamedRole = Pick<Role, 'id' | 'name'>

interface RolesFieldProps {
  form: UseFormReturnType<{ roles: string[] }>
  /** Those that are held already, by name: the list of all roles may be longer than what is fetched. */
  held?: readonly NamedRole[]
  /** Roles that cannot be removed here, and why. */
  fixed?: { roles: readonly string[]; note: string }
  isDisabled?: boolean
}

export function RolesField({ form, held, fixed, isDisabled }: RolesFieldProps) {
  return (
    <RolesSelect
      label={t`Roles`}
      placeholder={t`None: own account only`}
      value={form.values.roles}
      onChange={(ids) => form.setFieldValue('roles', ids)}
      error={errorOf(form.errors)}
      {...(held && { held })}
      {...(fixed && { fixed })}
      {...(isDisabled !== undefined && { isDisabled })}
    />
  )
}

interface RolesSelectProps {
  label: string
  /** Only for screen readers: the place in a table says it. */
  isLabelHidden?: boolean
  placeholder: string
  value: string[]
  onChange: (ids: string[]) => void
  error?: ReactNode
  held?: readonly NamedRole[]
  fixed?: RolesFieldProps['fixed']
  isDisabled?: boolean
}

const typingPauseMs = 200

export function RolesSelect(props: RolesSelectProps) {
  const {
    label,
    isLabelHidden = false,
    placeholder,
    value,
    onChange,
    error,
    held = [],
    fixed,
    isDisabled = false,
  } = props
  const { can, whyNot, holds } = useSession()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, typingPauseMs)
  const { data: found, isPlaceholderData } = useQuery({
    ...foundRolesQuery(search),
    enabled: can(roles.list),
    placeholderData: keepPreviousData,
  })
  // What was chosen keeps its name when another search no longer finds it.
  const [chosen, setChosen] = useState<readonly NamedRole[]>([])
  const known = new Map([...held, ...chosen].map((role) => [role.id, role]))
  const chosenRoles = [...known.values()].filter(({ id }) => value.includes(id))
  const foundRoles = found?.items ?? []
  const options = [...foundRoles, ...chosenRoles.filter(({ id }) => foundRoles.every((role) => role.id !== id))]

  function isTooMuch(role: NamedRole | Role): boolean {
    return 'permissions' in role && !role.permissions.every(holds) && !value.includes(role.id)
  }

  function isFixed(id: string): boolean {
    return fixed?.roles.includes(id) ?? false
  }

  function choose(ids: string[]): void {
    setChosen([...chosenRoles, ...foundRoles])
    // The backspace key also removes a fixed role. It removes the last one only, so the order stays.
    onChange([...new Set([...ids, ...(fixed?.roles ?? [])])])
  }

  return (
    <MultiSelect
      {...(isLabelHidden ? { 'aria-label': label } : { label })}
      placeholder={value.length === 0 ? placeholder : ''}
      description={whyNot(roles.list) ?? fixed?.note}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={options.map((role) => ({
        value: role.id,
        label: role.name,
        disabled: isFixed(role.id) || isTooMuch(role),
      }))}
      value={value}
      onChange={choose}
      error={error}
      disabled={isDisabled || !can(roles.list)}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // Once more when the server has answered.
      selectFirstOptionOnChange={!isPlaceholderData}
      nothingFoundMessage={t`No matching role.`}
      renderOption={(item) => <RoleOption {...item} isFixed={isFixed(item.option.value)} />}
      comboboxProps={{ shadow: 'md' }}
      classNames={{
        input: classes['input'] ?? '',
        inputField: classes['typing'] ?? '',
        option: classes['choice'] ?? '',
      }}
    />
  )
}

function RoleOption({ option, isFixed }: ComboboxLikeRenderOptionInput<ComboboxItem> & { isFixed: boolean }) {
  return (
    <span className={classes['option']}>
      {option.label}
      {option.disabled && (
        <span className={classes['whyNot']}>
          {isFixed ? t`Mapped, cannot be removed here.` : describeField('more_than_held')}
        </span>
      )}
    </span>
  )
}

/** The server names the one that is wrong by its place. */
function errorOf(errors: Readonly<Record<string, ReactNode>>): ReactNode {
  return Object.entries(errors).find(([path]) => path === 'roles' || path.startsWith('roles.'))?.[1]
}
