import type { Context } from '@gatehouse/contract/access/permission'
import { t } from '@lingui/core/macro'
import { ActionIcon, NativeSelect, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useSession } from '../../api/session.ts'
import { describeField } from '../../ui/field-words.ts'
import { PathField } from './path-field.tsx'
import { operationsOf } from './permission-words.ts'
import classes from './permissions-field.module.css'
import type { PermissionsForm } from './permissions-field.tsx'

const examples: Record<Context, string> = { http: '/api/users/#', mqtt: 'line-3/#', edge: '/mender/api/devices/#' }

const resourceLabels: Record<Exclude<Context, 'http'>, (place: number) => string> = {
  mqtt: (place) => t`Topic filter ${place}`,
  edge: (place) => t`Path of an upstream ${place}`,
}

const operationLabels: Record<Context, (place: number) => string> = {
  http: (place) => t`Operation in the console ${place}`,
  mqtt: (place) => t`Operation on topic ${place}`,
  edge: (place) => t`Operation on upstream ${place}`,
}

interface PermissionRowProps {
  form: PermissionsForm
  /** Its place in the list. */
  at: number
  /** Its place in its group, from 1: what the fields are called. */
  place: number
  onRemove: () => void
}

export function PermissionRow({ form, at, place, onRemove }: PermissionRowProps) {
  const permission = form.values.permissions[at]
  const { holds } = useSession()
  if (!permission) return null

  const { context } = permission
  const operations = operationsOf[context]
  const { error, ...resource } = form.getInputProps(`permissions.${at}.resource`)
  const field = {
    ...resource,
    className: classes['resource'] ?? '',
    classNames: { input: classes['machine'] ?? '' },
    placeholder: examples[context],
    spellCheck: false,
    // A row that was just added.
    autoFocus: permission.resource === '',
    error: error ?? form.errors[`permissions.${at}`] ?? beyondOwn(),
  }

  function beyondOwn() {
    return permission?.resource && !holds(permission) ? describeField('more_than_held') : undefined
  }

  return (
    <div className={classes['row']}>
      {context === 'http' ? (
        <PathField
          aria-label={t`Path ${place}`}
          permission={permission}
          onOnly={(operation) => form.setFieldValue(`permissions.${at}.operation`, operation)}
          {...field}
        />
      ) : (
        <TextInput aria-label={resourceLabels[context](place)} {...field} />
      )}
      <NativeSelect
        aria-label={operationLabels[context](place)}
        className={classes['operation']}
        data={Object.entries(operations).map(([value, label]) => ({ value, label }))}
        {...form.getInputProps(`permissions.${at}.operation`)}
      />
      <ActionIcon
        size={36}
        variant="subtle"
        color="gray"
        aria-label={t`Remove ${permission.resource || t`this row`}`}
        onClick={onRemove}
      >
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </div>
  )
}
