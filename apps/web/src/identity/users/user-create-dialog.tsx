import { type GrantType, type User, Username, users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Checkbox, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useRef } from 'react'
import { RolesField } from '../../access/roles/roles-field.tsx'
import { useSession } from '../../api/session.ts'
import { certificateParts } from '../../certificates/client-setup/certificate-guide.tsx'
import { toUser } from '../../links.ts'
import { Machine } from '../../ui/badges.tsx'
import { machineInput } from '../../ui/field-group.tsx'
import { describeField } from '../../ui/field-words.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { NewPasswordField } from '../passwords/new-password-field.tsx'
import { TagsField } from './tags-field.tsx'
import {
  AdvancedFields,
  checkedAsTyped,
  hasHiddenErrors,
  KindField,
  toUserBody,
  type UserValues,
  useAdvancedMode,
} from './user-fields.tsx'
import classes from './users.module.css'

interface NewUserValues extends UserValues {
  username: string
  password: string
  mustChangePassword: boolean
}

const usualGrants: Record<User['kind'], GrantType[]> = {
  person: [{ method: 'password', isRequired: false }],
  machine: [{ method: 'certificate', isRequired: false }],
}

const blank: NewUserValues = {
  username: '',
  displayName: '',
  kind: 'person',
  roles: [],
  grantTypes: usualGrants.person,
  permissions: [],
  mqttPublishPrefix: '',
  tags: [],
  password: '',
  mustChangePassword: true,
}

function deviceCalled(username: string): NewUserValues {
  return { ...blank, username, kind: 'machine', grantTypes: usualGrants.machine, mustChangePassword: false }
}

interface UserCreateProps {
  /** That of a device that was refused because it has no user yet; empty otherwise. */
  username: string
  /** Of the list that it is opened from; null: both kinds. */
  kind: User['kind'] | null
}

const titles = { person: t`Add person`, machine: t`Add device` }

export function UserCreate({ username, kind }: UserCreateProps) {
  const go = useNavigateTo()
  const { can } = useSession()
  const { isAdvanced, toggle } = useAdvancedMode()
  const made = useRef<string | null>(null)
  const create = useRouteForm(users.create, {
    initialValues: username !== '' || kind === 'machine' ? deviceCalled(username) : blank,
    toInput: (values) => ({ body: toBody(values) }),
    checkAsTyped: checkedAsTyped,
    onDone: (user) => {
      toast({ message: t`User ${user.username} created.` })
      if (can(users.view, { id: user.id })) made.current = user.id
    },
    // What comes next, such as a certificate, is done on the page of the new user.
    onClose: () => go(made.current === null ? withSearch({ create: undefined }) : toUser(made.current)),
  })
  return (
    <FormDialog title={kind === null ? t`Add user` : titles[kind]} aside={toggle} of={create} submit={t`Create`}>
      {(form) => (
        <>
          <UsernameField form={form} />
          <div className={classes['columns']}>
            <TextInput label={t`Display name`} autoComplete="off" {...form.getInputProps('displayName')} />
            <KindField value={form.values.kind} onChange={(chosen) => changeKind(form, chosen)} />
          </div>
          <div className={classes['columns']}>
            <RolesField form={form} />
            <TagsField
              value={form.values.tags}
              onChange={(chosen) => form.setFieldValue('tags', chosen)}
              error={form.errors['tags']}
            />
          </div>
          {hasPasswordGrant(form.values) && <FirstPassword form={form} />}
          {(isAdvanced || hasHiddenErrors(form.errors)) && (
            <AdvancedFields
              form={form}
              username={form.values.username}
              passwordNote={t`For people, and for MQTT`}
              certificate={certificateParts}
            />
          )}
        </>
      )}
    </FormDialog>
  )
}

function toBody(values: NewUserValues) {
  const password = hasPasswordGrant(values) ? values.password : ''
  const { mustChangePassword } = values
  return { username: values.username, ...toUserBody(values), ...(password && { password, mustChangePassword }) }
}

function hasPasswordGrant({ grantTypes }: UserValues): boolean {
  return grantTypes.some(({ method }) => method === 'password')
}

type NewUserForm = UseFormReturnType<NewUserValues>

/** The grants follow the kind until the person has changed them. A machine cannot change its password. */
function changeKind(form: NewUserForm, kind: User['kind']): void {
  const isUntouched = JSON.stringify(form.values.grantTypes) === JSON.stringify(usualGrants[form.values.kind])
  form.setValues({ kind, mustChangePassword: kind === 'person', ...(isUntouched && { grantTypes: usualGrants[kind] }) })
}

function UsernameField({ form }: { form: NewUserForm }) {
  const { error, ...field } = form.getInputProps('username')
  const { username, grantTypes } = form.values
  return (
    <TextInput
      data-autofocus
      label={t`Username`}
      classNames={machineInput}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      description={
        grantTypes.some(({ method }) => method === 'certificate') ? (
          <>
            <Trans>Its certificate must have exactly this Common Name</Trans>
            {username && (
              <>
                :{' '}
                <Machine>
                  <Trans>CN={username}</Trans>
                </Machine>
              </>
            )}
          </>
        ) : (
          t`For signing in. It cannot be changed later.`
        )
      }
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      {...field}
      error={error ?? wrongSoFar(username)}
    />
  )
}

/** Errors that more typing cannot fix. `too_short` is shown when the field is left. */
function wrongSoFar(username: string): string | undefined {
  const issue = Username.safeParse(username).error?.issues.find(({ message }) => message !== 'too_short')
  return username === '' || !issue ? undefined : describeField(issue.message)
}

function FirstPassword({ form }: { form: NewUserForm }) {
  return (
    <>
      <NewPasswordField
        label={t`Password`}
        description={t`Optional. You can set it later.`}
        value={form.values.password}
        error={form.errors['password']}
        onChange={(password) => form.setFieldValue('password', password)}
      />
      {form.values.password !== '' && (
        <Checkbox
          label={t`Must be changed at the first sign-in`}
          {...form.getInputProps('mustChangePassword', { type: 'checkbox' })}
        />
      )}
    </>
  )
}
