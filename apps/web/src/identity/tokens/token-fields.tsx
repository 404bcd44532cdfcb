/** For how long a token is good, and what it may do. */

import type { Permission } from '@gatehouse/contract/access/permission'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { NativeSelect, SegmentedControl, Select, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { permissionSentence } from '../../access/permissions/permission-words.ts'
import { PermissionsField } from '../../access/permissions/permissions-field.tsx'
import { useSession } from '../../api/session.ts'
import { formatExactTime } from '../../messages/format.ts'
import { useNow } from '../../ui/clock.ts'
import type { TokenValues } from './token-create-dialog.tsx'
import { endOfLife, localDay, type TokenLife, tokenLives } from './token-words.ts'
import classes from './tokens.module.css'

type TokenForm = UseFormReturnType<TokenValues>

export function LifeField({ form }: { form: TokenForm }) {
  const { life, expiresAt } = form.values
  const now = useNow()
  const end = endOfLife(life, expiresAt, now)
  return (
    <div className={classes['life']}>
      <NativeSelect
        label={t`Expires`}
        data={Object.entries(tokenLives).map(([value, label]) => ({ value, label }))}
        value={life}
        onChange={(event) => form.setFieldValue('life', event.currentTarget.value as TokenLife)}
      />
      {life === 'day' && (
        <TextInput type="date" label={t`Last day`} min={localDay(now)} {...form.getInputProps('expiresAt')} />
      )}
      <output className={classes['note']} data-warning={life === 'never' || undefined}>
        {life === 'never'
          ? t`It works until it is revoked. If it is stolen, nothing else ends it.`
          : end && t`Until ${formatExactTime(end)}.`}
      </output>
    </div>
  )
}

export function RightsField({ form }: { form: TokenForm }) {
  const { scope } = form.values
  return (
    <fieldset className={classes['rights']}>
      <legend>
        <Trans>Permissions</Trans>
      </legend>
      <SegmentedControl
        aria-label={t`Permissions`}
        fullWidth
        data={[
          { value: 'all', label: t`All my permissions` },
          { value: 'some', label: t`Selected permissions` },
        ]}
        value={scope}
        onChange={(chosen) => form.setFieldValue('scope', chosen)}
      />
      <div className={classes['note']}>
        {scope === 'all'
          ? t`Checked on every request: if you lose a permission, so does the token. It has no access to your own account.`
          : t`Never more than your own permissions. With permissions on topics, a token can only give them to users and roles. A token does not sign in to the broker.`}
      </div>
      {scope === 'some' && (
        <>
          <OwnPermissions form={form} />
          {form.errors['permissions'] && (
            <div className={classes['missing']}>
              <Trans>Add at least one permission.</Trans>
            </div>
          )}
          <PermissionsField form={form} />
        </>
      )}
    </fieldset>
  )
}

/** Adds one of one's own as it is, to be narrowed further in its row. */
function OwnPermissions({ form }: { form: TokenForm }) {
  const { permissions: held } = useSession()
  const left = held.filter((one) => !form.values.permissions.some((row) => isSame(row, one)))
  return (
    <Select
      aria-label={t`Add one of your permissions`}
      placeholder={t`Add one of your permissions`}
      searchable
      value={null}
      data={left.map((one) => ({ value: JSON.stringify(one), label: permissionSentence(one) }))}
      nothingFoundMessage={t`You have already added all your permissions.`}
      onChange={(chosen) => chosen && form.insertListItem('permissions', JSON.parse(chosen) as Permission)}
    />
  )
}

function isSame(one: Permission, other: Permission): boolean {
  return one.context === other.context && one.resource === other.resource && one.operation === other.operation
}
