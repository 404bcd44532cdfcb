import { t } from '@lingui/core/macro'
import { ActionIcon, NativeSelect, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useSession } from '../../api/session.ts'
import { describeField } from '../../ui/field-words.ts'
import { PathField } from './path-field.tsx'
import { pathOperations, topicOperations } from './permission-words.ts'
import classes from './permissions-field.module.css'
import type { PermissionsForm } from './permissions-field.tsx'

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

  const isTopic = permission.context === 'mqtt'
  const operations = isTopic ? topicOperations : pathOperations
  const { error, ...resource } = form.getInputProps(`permissions.${at}.resource`)
  const field = {
    ...resource,
    className: classes['resource'] ?? '',
    classNames: { input: classes['machine'] ?? '' },
    placeholder: isTopic ? 'line-3/#' : '/api/users/#',
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
      {isTopic ? (
        <TextInput aria-label={t`Topic filter ${place}`} {...field} />
      ) : (
        <PathField
          aria-label={t`Path ${place}`}
          permission={permission}
          onOnly={(operation) => form.setFieldValue(`permissions.${at}.operation`, operation)}
          {...field}
        />
      )}
      <NativeSelect
        aria-label={isTopic ? t`Operation on topic ${place}` : t`Operation in the console ${place}`}
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
