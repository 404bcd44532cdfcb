/** What a broker consists of, on the screen. */

import { type BrokerKind, defaultSettings } from '@gatehouse/contract/brokers/inventory'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { PasswordInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { pemField } from '../../certificates/built-in-authority/pair-files.tsx'
import { descriptionFirst, FieldGroup, FieldRow, machineInput } from '../../ui/field-group.tsx'
import { WholeNumber } from '../../ui/whole-number.tsx'
import { type BrokerValues, blankBroker } from './broker-values.ts'
import { kindWords } from './broker-words.ts'

interface BrokerFieldsProps {
  form: UseFormReturnType<BrokerValues>
  /** Those that can be chosen. The kind of a broker that exists stays. */
  kinds?: readonly BrokerKind[]
  /** There is a stored password. */
  hasPassword?: boolean
  isReadOnly?: boolean
}

const machine = { autoComplete: 'off', spellCheck: false, classNames: machineInput }

export function BrokerFields(props: BrokerFieldsProps) {
  const { kind } = props.form.values
  return (
    <>
      <NameFields {...props} />
      <AddressFields {...props} />
      {kind !== 'mosquitto-agent' && <CredentialFields {...props} />}
      {'ports' in defaultSettings[kind] && <ClientPortFields {...props} />}
      {kind === 'mosquitto' && <FileFields {...props} />}
      {kind === 'cedalo' && <ListenerFields {...props} />}
    </>
  )
}

function NameFields({ form, kinds, isReadOnly = false }: BrokerFieldsProps) {
  return (
    <FieldRow isLevel>
      <TextInput
        label={t`Name`}
        data-autofocus
        autoComplete="off"
        readOnly={isReadOnly}
        {...form.getInputProps('name')}
      />
      {kinds && (
        <Select
          label={t`Kind`}
          data={kinds.map((value) => ({ value, label: kindWords[value] }))}
          allowDeselect={false}
          {...form.getInputProps('kind')}
          onChange={(kind) => kind && form.setValues({ ...blankBroker(kind as BrokerKind), name: form.values.name })}
        />
      )}
    </FieldRow>
  )
}

function AddressFields({ form, isReadOnly = false }: BrokerFieldsProps) {
  const isAgent = form.values.kind === 'mosquitto-agent'
  return (
    <FieldGroup title={t`Address`}>
      {isAgent && (
        <p>
          <Trans>The agent connects to Gatehouse. The address is only used by the test, and may be empty.</Trans>
        </p>
      )}
      <FieldRow isLevel>
        <TextInput
          label={t`Host`}
          description={t`A name or an IP address.`}
          readOnly={isReadOnly}
          {...machine}
          {...form.getInputProps('host')}
        />
        <WholeNumber
          label={t`Port`}
          description={isAgent ? t`Of a listener for clients.` : t`Of the listener for Gatehouse itself.`}
          inputWrapperOrder={descriptionFirst}
          readOnly={isReadOnly}
          {...form.getInputProps('port')}
        />
      </FieldRow>
      <Switch
        label={t`TLS`}
        description={t`Without it, the password is sent unencrypted. Only for a broker on this machine.`}
        disabled={isReadOnly}
        {...form.getInputProps('tls', { type: 'checkbox' })}
      />
      {form.values.tls && (
        <Textarea
          label={t`CA of the broker`}
          description={t`PEM of the CA that signed the broker’s certificate. Empty: the CAs of this system.`}
          rows={4}
          readOnly={isReadOnly}
          {...pemField}
          {...form.getInputProps('authorities')}
        />
      )}
    </FieldGroup>
  )
}

function CredentialFields({ form, hasPassword = false, isReadOnly = false }: BrokerFieldsProps) {
  return (
    <FieldGroup title={t`Gatehouse signs in as`}>
      <FieldRow isLevel>
        <TextInput label={t`Username`} readOnly={isReadOnly} {...machine} {...form.getInputProps('username')} />
        <PasswordInput
          label={t`Password`}
          description={
            hasPassword
              ? t`Empty: the stored one stays. Enter it again with another address, user or CA.`
              : t`It is stored encrypted and never shown again.`
          }
          autoComplete="new-password"
          readOnly={isReadOnly}
          {...form.getInputProps('password')}
        />
      </FieldRow>
    </FieldGroup>
  )
}

function ClientPortFields({ form, isReadOnly = false }: BrokerFieldsProps) {
  return (
    <FieldGroup title={t`Listeners for clients`}>
      <FieldRow isLevel>
        <WholeNumber
          label={t`Port for certificates`}
          description={t`Empty: there is none.`}
          inputWrapperOrder={descriptionFirst}
          readOnly={isReadOnly}
          {...form.getInputProps('settings.ports.certificate')}
        />
        <WholeNumber
          label={t`Port for passwords`}
          description={t`Empty: there is none.`}
          inputWrapperOrder={descriptionFirst}
          readOnly={isReadOnly}
          {...form.getInputProps('settings.ports.password')}
        />
      </FieldRow>
      <Switch
        label={t`Also users who only have a password`}
        description={t`If the broker has a port for certificates too, each trusted CA could issue a certificate in the name of such a user.`}
        disabled={isReadOnly}
        {...form.getInputProps('settings.admitsPasswordOnly', { type: 'checkbox' })}
      />
    </FieldGroup>
  )
}

function FileFields({ form, isReadOnly = false }: BrokerFieldsProps) {
  const path = { readOnly: isReadOnly, ...machine }
  return (
    <FieldGroup title={t`Files on this machine`}>
      <FieldRow isLevel>
        <TextInput
          label={t`Folder of CA certificates`}
          description={t`The capath of the listener. Empty: Gatehouse writes none.`}
          {...path}
          {...form.getInputProps('settings.capath')}
        />
        <TextInput
          label={t`CRL file`}
          description={t`The crlfile of the listener.`}
          {...path}
          {...form.getInputProps('settings.crlFile')}
        />
        <TextInput
          label={t`PID file`}
          description={t`Mosquitto gets SIGHUP after a change of CA certificates or CRLs.`}
          {...path}
          {...form.getInputProps('settings.pidFile')}
        />
        <TextInput
          label={t`File of dynamic-security`}
          description={t`For the first load of many users. Empty: by commands.`}
          {...path}
          {...form.getInputProps('settings.dynsecFile')}
        />
      </FieldRow>
    </FieldGroup>
  )
}

function ListenerFields({ form, isReadOnly = false }: BrokerFieldsProps) {
  return (
    <TagsInput
      label={t`Listeners that follow the trusted CAs`}
      description={t`Ids, as the broker lists them. Each trusted CA without allowed usernames is written there.`}
      splitChars={[',', ' ', ';']}
      readOnly={isReadOnly}
      {...form.getInputProps('settings.listeners')}
    />
  )
}
