/** What a user consists of, on the screen: the everyday part, and what *Advanced Mode* adds. */

import type { Permission } from '@gatehouse/contract/access/permission'
import { roles as rolesContract } from '@gatehouse/contract/access/roles'
import { type GrantType, type User, Username } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Input, SegmentedControl, Switch, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useLocalStorage } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type ComponentType, type ReactNode, useId } from 'react'
import { everyRow, PermissionsField } from '../../access/permissions/permissions-field.tsx'
import { readableTopic } from '../../access/permissions/readable-topic.ts'
import { foundRolesQuery } from '../../access/roles/found-roles.ts'
import { useSession } from '../../api/session.ts'
import { Machine } from '../../ui/badges.tsx'
import { Fact } from '../../ui/facts.tsx'
import { machineInput } from '../../ui/field-group.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { HelpLink, type LoadHelp } from '../../ui/help.tsx'
import { type Freedom, GrantsField } from './grants-field.tsx'
import classes from './users.module.css'

export interface UserValues {
  displayName: string
  kind: User['kind']
  roles: string[]
  grantTypes: GrantType[]
  permissions: Permission[]
  mqttPublishPrefix: string
  tags: string[]
}

/** Fields that are checked while typing. */
export const checkedAsTyped = [`permissions.${everyRow}.resource`, 'mqttPublishPrefix']

export function toUserBody(values: UserValues) {
  const { displayName, mqttPublishPrefix, kind, roles, grantTypes, permissions, tags } = values
  return {
    displayName: displayName.trim() || null,
    kind,
    roles,
    grantTypes,
    permissions,
    mqttPublishPrefix: mqttPublishPrefix || null,
    tags,
  }
}

/** Remembered by the browser. */
export function useAdvancedMode() {
  const [isAdvanced, setAdvanced] = useLocalStorage({
    key: 'gatehouse-advanced-mode',
    defaultValue: false,
    getInitialValueInEffect: false,
  })
  const toggle = (
    <Switch
      label={t`Advanced mode`}
      labelPosition="left"
      checked={isAdvanced}
      onChange={(event) => setAdvanced(event.currentTarget.checked)}
    />
  )
  return { isAdvanced, toggle }
}

/** If a hidden field has an error, Advanced Mode is shown. */
export function hasHiddenErrors(errors: object): boolean {
  return Object.keys(errors).some((path) => /^(grantTypes|permissions|mqttPublishPrefix)/.test(path))
}

interface MfaRequiredProps {
  form: UseFormReturnType<{ mfaRequired: boolean; grantTypes: GrantType[] }>
  /** Demanded by the policy, whatever is chosen here. */
  isPolicy: boolean
  whyNot: string | undefined
  /** What else goes with the demand. */
  children?: ReactNode
}

/** `MFA (Required)`: a demand on this one user. It takes effect with *Save*. */
export function MfaRequired({ form, isPolicy, whyNot, children }: MfaRequiredProps) {
  const { mfaRequired, grantTypes } = form.values
  const id = useId()
  // A user without a password cannot sign in to the console, so the demand has no effect.
  if (!mfaRequired && !grantTypes.some(({ method }) => method === 'password')) return null
  return (
    <Fact label={t`MFA (Required)`}>
      <span className={classes['passwordFact']}>
        {mfaRequired ? t`Required.` : isPolicy ? t`By policy.` : t`Not required.`}
        {(mfaRequired || !isPolicy) && (
          <GuardedButton
            size="compact-sm"
            variant="subtle"
            aria-describedby={id}
            whyNot={whyNot}
            onClick={() => form.setFieldValue('mfaRequired', !mfaRequired)}
          >
            {mfaRequired ? t`Remove requirement` : t`Require`}
          </GuardedButton>
        )}
        {form.isDirty('mfaRequired') && (
          <span className={classes['warning']}>
            <Trans>Not saved yet.</Trans>
          </span>
        )}
      </span>
      <span id={id} className={classes['factNote']}>
        <Trans>For signing in to the console. On MQTT the password alone is enough.</Trans>
      </span>
      {children && <div className={classes['withDemand']}>{children}</div>}
    </Fact>
  )
}

interface KindFieldProps {
  value: User['kind']
  onChange: (kind: User['kind']) => void
  isDisabled?: boolean
}

export function KindField({ value, onChange, isDisabled = false }: KindFieldProps) {
  return (
    <Input.Wrapper label={t`Kind`} labelElement="div">
      <SegmentedControl
        aria-label={t`Kind`}
        fullWidth
        disabled={isDisabled}
        data={[
          { value: 'person', label: t`Person` },
          { value: 'machine', label: t`Device` },
        ]}
        value={value}
        onChange={(kind) => onChange(kind)}
      />
    </Input.Wrapper>
  )
}

/** What the certificates domain adds to these fields; the dialog passes it. */
export interface CertificateParts {
  /** What a certificate must say for this user. */
  Demand: ComponentType<{ username: string }>
  /** How one is made and tried. */
  Commands: ComponentType<{ username: string; topic: string | undefined }>
}

const loadPrefixHelp: LoadHelp = () => import('./help.ts').then(({ prefixHelp }) => prefixHelp)

interface AdvancedFieldsProps {
  form: UseFormReturnType<UserValues>
  username: string
  freedom?: Freedom
  passwordNote: string
  certificate: CertificateParts
}

export function AdvancedFields({ form, username, freedom = 'all', passwordNote, certificate }: AdvancedFieldsProps) {
  const topic = useReadableTopic(form.values)
  const isUsername = Username.safeParse(username).success
  return (
    <>
      <GrantsField
        form={form}
        freedom={freedom}
        passwordNote={passwordNote}
        certificateNote={
          isUsername ? <certificate.Demand username={username} /> : t`The Common Name must be exactly the username.`
        }
      />
      {isUsername && form.values.grantTypes.some(({ method }) => method === 'certificate') && (
        <certificate.Commands username={username} topic={topic} />
      )}
      <section className={classes['section']} aria-label={t`Direct permissions`}>
        <h3>
          <Trans>Direct permissions</Trans>
        </h3>
        <div className={classes['note']}>
          <Trans>In addition to the permissions of the roles.</Trans>
        </div>
        <PermissionsField form={form} isReadOnly={freedom !== 'all'} />
      </section>
      <TextInput
        label={t`MQTT publish prefix`}
        placeholder="line-3/press-1/"
        description={
          <>
            <PrefixMeaning prefix={form.values.mqttPublishPrefix} />{' '}
            <HelpLink about={t`MQTT publish prefix`} load={loadPrefixHelp} />
          </>
        }
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        classNames={machineInput}
        autoComplete="off"
        spellCheck={false}
        readOnly={freedom !== 'all'}
        {...form.getInputProps('mqttPublishPrefix')}
      />
    </>
  )
}

function PrefixMeaning({ prefix }: { prefix: string }) {
  if (prefix === '') return t`No prefix.`
  return (
    <Trans>
      A message to <Machine>temp</Machine> is published to <Machine>{prefix}temp</Machine>. Permissions apply to that
      topic.
    </Trans>
  )
}

function useReadableTopic({ roles, permissions }: UserValues): string | undefined {
  const { can } = useSession()
  const { data } = useQuery({ ...foundRolesQuery(), enabled: can(rolesContract.list) })
  const given = data?.items.filter(({ id }) => roles.includes(id)).flatMap((role) => role.permissions) ?? []
  return readableTopic([...permissions, ...given])
}
