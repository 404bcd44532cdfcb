/** Field names and values as text, for the audit and for edit conflicts. */

import { Permission } from '@gatehouse/contract/access/permission'
import { GrantType } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { permissionSentence } from '../../access/permissions/permission-words.ts'
import { formatExactTime } from '../../messages/format.ts'
import type { ValueWords } from '../../ui/value-words.ts'
import { policyNames } from '../settings/policy-words.ts'

const fields: Readonly<Record<string, string>> = {
  ...policyNames,
  mqttPublishPrefix: t`MQTT publish prefix`,
  tags: t`Tags`,
  disabledAt: t`Disabled since`,
  isEnabled: t`Enabled`,
  mfaRequired: t`MFA`,
  grantTypes: t`Signs in with`,
  withdrawnAt: t`Trust withdrawn since`,
  usernames: t`Allowed usernames`,
  mustChange: t`Must be changed at the next sign-in`,
  builtIn: t`Built-in`,
  clientId: t`Client id`,
  username: t`Username`,
  displayName: t`Display name`,
  kind: t`Kind`,
  roles: t`Roles`,
  permissions: t`Permissions`,
  name: t`Name`,
  description: t`Description`,
  notes: t`Notes`,
  note: t`Note`,
  reason: t`Reason`,
  password: t`Password`,
  label: t`Label`,
  expiresAt: t`Expires`,
  notAfter: t`Expires`,
  fingerprint: t`SHA-256 fingerprint`,
  serialNumber: t`Serial number`,
  subject: t`Subject`,
  issuer: t`Issuer`,
  since: t`Connected since`,
}

/** A field without an entry is split into words: `grantTypes` becomes "Grant types", and so does `grant.types`. */
function fieldNameWords(field: string): string {
  const apart = field.replaceAll('.', ' ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return fields[field] ?? apart.charAt(0).toUpperCase() + apart.slice(1)
}

/** A value as lines: one for each member of a list, none where there is nothing. */
function valueLines(value: unknown): string[] {
  if (value === null || value === undefined || value === '') return []
  if (Array.isArray(value)) return value.flatMap(valueLines)
  return [scalarWords(value)]
}

/** Groups as their fields, by path: `password.min`. Permissions and grants are not split. */
function fieldsOf(facts: object): [path: string, value: unknown][] {
  return Object.entries(facts).flatMap(([name, value]): [string, unknown][] =>
    isGroup(value) ? fieldsOf(value).map(([path, inner]) => [`${name}.${path}`, inner]) : [[name, value]],
  )
}

function isGroup(value: unknown): value is object {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && !Permission.safeParse(value).success && !GrantType.safeParse(value).success
}

function scalarWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? t`yes` : t`no`
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? formatExactTime(value) : value
  const permission = Permission.safeParse(value)
  if (permission.success) return permissionSentence(permission.data)
  const grant = GrantType.safeParse(value)
  if (grant.success) return grant.data.isRequired ? t`${grant.data.method} (required)` : grant.data.method
  return JSON.stringify(value)
}

export const valueWords: ValueWords = { fieldName: fieldNameWords, lines: valueLines, fieldsOf }
