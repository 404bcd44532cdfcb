/** What an upstream consists of, on the screen. */

import { t } from '@lingui/core/macro'
import { Select, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { pemField } from '../../certificates/built-in-authority/pair-files.tsx'
import { PasswordField } from '../../identity/passwords/password-field.tsx'
import { descriptionFirst, FieldGroup, FieldRow, machineInput } from '../../ui/field-group.tsx'
import { WholeNumber } from '../../ui/whole-number.tsx'
import type { UpstreamValues } from './upstream-values.ts'
import { authenticationWords, kindWords } from './upstream-words.ts'

interface UpstreamFieldsProps {
  form: UseFormReturnType<UpstreamValues>
  /** A password or a token is stored. */
  hasSecret?: boolean
  isReadOnly?: boolean
}

export function UpstreamFields(props: UpstreamFieldsProps) {
  return (
    <>
      <ServerFields {...props} />
      <AuthenticationFields {...props} />
      <LimitFields {...props} />
    </>
  )
}

function ServerFields({ form, isReadOnly = false }: UpstreamFieldsProps) {
  const { kind, origin, name } = form.values
  return (
    <FieldGroup title={t`Server`}>
      <FieldRow>
        <TextInput
          label={t`Name`}
          description={t`Permissions begin with it: /${name || 'name'}/…`}
          data-autofocus
          readOnly={isReadOnly}
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('name')}
        />
        <Select
          label={t`Kind`}
          description={t`On a Mender server, Gatehouse accepts the devices.`}
          data={Object.entries(kindWords).map(([value, label]) => ({ value, label }))}
          allowDeselect={false}
          readOnly={isReadOnly}
          {...form.getInputProps('kind')}
        />
      </FieldRow>
      <TextInput
        label={t`Address`}
        description={t`Scheme, host and port, such as https://backend.example:8443.`}
        readOnly={isReadOnly}
        autoComplete="off"
        spellCheck={false}
        classNames={machineInput}
        {...form.getInputProps('origin')}
      />
      {origin.startsWith('https:') && (
        <Textarea
          label={t`Own CAs`}
          description={t`PEM of the CAs that sign the certificate of the upstream. Empty: the CAs of the system.`}
          rows={3}
          readOnly={isReadOnly}
          {...pemField}
          {...form.getInputProps('authorities')}
        />
      )}
      {kind === 'mender' && (
        <TextInput
          label={t`Identity attribute`}
          description={t`The attribute of the identity data that must equal the username. Empty: the first identity that a device sends belongs to it.`}
          readOnly={isReadOnly}
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('identityAttribute')}
        />
      )}
    </FieldGroup>
  )
}

function AuthenticationFields({ form, hasSecret = false, isReadOnly = false }: UpstreamFieldsProps) {
  const { authentication, kind } = form.values
  const secretLabel = authentication === 'basic' ? t`Password` : t`Token`
  return (
    <FieldGroup title={t`Authentication`}>
      <FieldRow>
        <Select
          label={t`How Gatehouse signs in`}
          description={
            kind === 'mender' ? t`At the management API. Devices never see it.` : t`It replaces what a device sends.`
          }
          data={Object.entries(authenticationWords).map(([value, label]) => ({ value, label }))}
          allowDeselect={false}
          readOnly={isReadOnly}
          {...form.getInputProps('authentication')}
        />
        {authentication === 'basic' && (
          <TextInput
            label={t`Username`}
            readOnly={isReadOnly}
            autoComplete="off"
            spellCheck={false}
            inputWrapperOrder={descriptionFirst}
            {...form.getInputProps('username')}
          />
        )}
        {authentication !== 'none' && !isReadOnly && (
          <PasswordField
            label={secretLabel}
            description={hasSecret ? t`Empty: the stored one stays.` : undefined}
            autoComplete="new-password"
            {...form.getInputProps('secret')}
          />
        )}
      </FieldRow>
    </FieldGroup>
  )
}

function LimitFields({ form, isReadOnly = false }: UpstreamFieldsProps) {
  const number = (field: 'connectTimeoutMs' | 'responseTimeoutMs' | 'idleTimeoutMs' | 'maxRequestBytes') => ({
    readOnly: isReadOnly,
    inputWrapperOrder: descriptionFirst,
    ...form.getInputProps(field),
  })
  return (
    <FieldGroup title={t`Limits`}>
      <FieldRow>
        <WholeNumber label={t`Time to connect`} description={t`In seconds.`} {...number('connectTimeoutMs')} />
        <WholeNumber
          label={t`Time to answer`}
          description={t`In seconds, from the end of the request.`}
          {...number('responseTimeoutMs')}
        />
        <WholeNumber label={t`Idle time`} description={t`In seconds without a byte.`} {...number('idleTimeoutMs')} />
        <WholeNumber
          label={t`Largest request`}
          description={t`In MiB. Empty: no limit.`}
          {...number('maxRequestBytes')}
        />
      </FieldRow>
    </FieldGroup>
  )
}
