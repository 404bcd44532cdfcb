/**
 * The permissions of a role, or a user's own, in groups by what they open. All groups edit the one list that the
 * contract knows, so the paths of the server's field errors fit.
 */

import type { Permission } from '@gatehouse/contract/access/permission'
import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { IconPlus } from '@tabler/icons-react'
import { useRef } from 'react'
import { HelpLink, type LoadHelp } from '../../ui/help.tsx'
import { PermissionRow } from './permission-row.tsx'
import { permissionSentence } from './permission-words.ts'
import classes from './permissions-field.module.css'

export type PermissionsForm = UseFormReturnType<{ permissions: Permission[] }>

interface PermissionsFieldProps {
  form: PermissionsForm
  isReadOnly?: boolean
}

/** For `checkAsTyped` of the form dialog. `FORM_INDEX` of @mantine/form stands for every row. */
export { FORM_INDEX as everyRow } from '@mantine/form'

const groups = [
  {
    context: 'http',
    title: t`Console and API`,
    none: t`No console permissions yet.`,
    add: t`Add path`,
    blank: { context: 'http', resource: '', operation: 'read' },
  },
  {
    context: 'mqtt',
    title: t`MQTT topics`,
    none: t`No topic permissions yet.`,
    add: t`Add topic`,
    blank: { context: 'mqtt', resource: '', operation: 'read' },
  },
  {
    context: 'edge',
    title: t`HTTP edge`,
    none: t`No permissions on upstreams yet.`,
    add: t`Add path of an upstream`,
    blank: { context: 'edge', resource: '', operation: 'read' },
  },
] as const

const loadHelp: LoadHelp = () => import('./help.ts').then(({ permissionsHelp }) => permissionsHelp)

export function PermissionsField(props: PermissionsFieldProps) {
  return (
    <>
      {groups.map((group) => (
        <PermissionGroup key={group.context} group={group} {...props} />
      ))}
      {!props.isReadOnly && (
        <div className={classes['none']}>
          <HelpLink about={t`Permissions`} load={loadHelp} />
        </div>
      )}
    </>
  )
}

function PermissionGroup({
  group,
  form,
  isReadOnly = false,
}: PermissionsFieldProps & { group: (typeof groups)[number] }) {
  const addButton = useRef<HTMLButtonElement>(null)
  const rows = form.values.permissions
    .map((permission, at) => ({ permission, at }))
    .filter(({ permission }) => permission.context === group.context)

  function remove(at: number): void {
    // The button that was pressed goes with its row.
    addButton.current?.focus()
    form.removeListItem('permissions', at)
  }

  return (
    <fieldset className={classes['group']}>
      <legend>{group.title}</legend>
      {!isReadOnly && (
        <Button
          ref={addButton}
          size="compact-sm"
          variant="subtle"
          className={classes['add']}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => form.insertListItem('permissions', group.blank)}
        >
          {group.add}
        </Button>
      )}
      {rows.length === 0 && <div className={classes['none']}>{group.none}</div>}
      {rows.map(({ permission, at }, place) =>
        isReadOnly ? (
          <div key={at} className={classes['sentence']}>
            {permissionSentence(permission)}
          </div>
        ) : (
          <PermissionRow key={at} form={form} at={at} place={place + 1} onRemove={() => remove(at)} />
        ),
      )}
    </fieldset>
  )
}
