/** "Copy permissions from…": adds the permissions of another role. Permissions that the user does not hold are left out. */

import { type Role, roles } from '@gatehouse/contract/access/roles'
import { t } from '@lingui/core/macro'
import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSession } from '../../api/session.ts'
import { copiedWords } from '../permissions/permission-words.ts'
import type { PermissionsForm } from '../permissions/permissions-field.tsx'
import { foundRolesQuery } from './found-roles.ts'

interface CopyPermissionsProps {
  form: PermissionsForm
  /** The role that is being edited: it is not offered. */
  except?: string | undefined
}

const typingPauseMs = 200

export function CopyPermissions({ form, except }: CopyPermissionsProps) {
  const { can, whyNot, holds } = useSession()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, typingPauseMs)
  const [done, setDone] = useState('')
  const { data, isPlaceholderData } = useQuery({
    ...foundRolesQuery(search),
    enabled: can(roles.list),
    placeholderData: keepPreviousData,
  })
  const found = data?.items.filter(({ id, permissions }) => id !== except && permissions.length > 0) ?? []

  function copy({ name, permissions }: Role): void {
    const there = new Set(form.values.permissions.map(keyOf))
    const missing = permissions.filter((permission) => !there.has(keyOf(permission)))
    const given = missing.filter(holds)
    form.setFieldValue('permissions', [...form.values.permissions, ...given])
    setDone(
      copiedWords({
        from: name,
        copied: given.length,
        already: permissions.length - missing.length,
        tooMuch: missing.length - given.length,
      }),
    )
  }

  return (
    <Select
      label={t`Copy permissions from…`}
      placeholder={t`Choose a role`}
      description={whyNot(roles.list) ?? (done !== '' && <output>{done}</output>)}
      inputWrapperOrder={['label', 'input', 'description']}
      data={found.map(({ id, name, permissions }) => ({ value: id, label: `${name} (${permissions.length})` }))}
      value={null}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // Once more when the server has answered.
      selectFirstOptionOnChange={!isPlaceholderData}
      // The server has searched, in descriptions too.
      filter={({ options }) => options}
      nothingFoundMessage={t`No matching role.`}
      disabled={!can(roles.list)}
      comboboxProps={{ shadow: 'md' }}
      onChange={(id) => {
        const role = found.find((each) => each.id === id)
        if (role) copy(role)
        setTyped('')
      }}
    />
  )
}

function keyOf({ context, operation, resource }: PermissionsForm['values']['permissions'][number]): string {
  return `${context} ${operation} ${resource}`
}
