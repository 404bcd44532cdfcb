/** What the fields of both kinds of providers share. */
import { t } from '@lingui/core/macro'
import { Select, type SelectProps, Switch, Textarea, TextInput, type TextInputProps } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { ReactNode } from 'react'
import { pastedText } from '../../ui/choose-files.tsx'
import { descriptionFirst, machineInput } from '../../ui/field-group.tsx'
import { WholeNumber } from '../../ui/whole-number.tsx'
import { PasswordField } from '../passwords/password-field.tsx'
import type { ProviderValues, SettingsValues } from './provider-values.ts'
import classes from './providers.module.css'

export type ProviderForm = UseFormReturnType<ProviderValues>

export interface SettingsFieldsProps {
  form: ProviderForm
  /** What an empty field looks like with the chosen product. */
  examples: Partial<Record<keyof SettingsValues, string>>
  /** A secret is stored. */
  hasSecret: boolean
  isReadOnly: boolean
}

interface OfSettings {
  of: SettingsFieldsProps
}

interface SettingProps extends OfSettings, Pick<TextInputProps, 'label' | 'description'> {
  setting: keyof SettingsValues
}

/** The server and the schema name the wrong entry of a list by its place. */
export function errorAt({ errors }: ProviderForm, setting: keyof SettingsValues): ReactNode {
  const path = `settings.${setting}`
  return Object.entries(errors).find(([at]) => at === path || at.startsWith(`${path}.`))?.[1]
}

/** A setting that a machine reads: an address, an attribute, a filter, a claim. */
export function Setting({ of: { form, examples, isReadOnly }, setting, ...input }: SettingProps) {
  return (
    <TextInput
      readOnly={isReadOnly}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      placeholder={examples[setting]}
      classNames={machineInput}
      {...input}
      {...form.getInputProps(`settings.${setting}`)}
      error={errorAt(form, setting)}
    />
  )
}

export function SwitchSetting({ of: { form, isReadOnly }, setting, ...input }: SettingProps) {
  return (
    <Switch {...input} disabled={isReadOnly} {...form.getInputProps(`settings.${setting}`, { type: 'checkbox' })} />
  )
}

export function ChoiceSetting({
  of: { form, isReadOnly },
  setting,
  ...input
}: SettingProps & Pick<SelectProps, 'data'>) {
  return (
    <Select {...input} allowDeselect={false} readOnly={isReadOnly} {...form.getInputProps(`settings.${setting}`)} />
  )
}

export function NumberSetting({ of: { form, isReadOnly }, setting, ...input }: SettingProps) {
  return (
    <WholeNumber
      {...input}
      readOnly={isReadOnly}
      inputWrapperOrder={descriptionFirst}
      {...form.getInputProps(`settings.${setting}`)}
    />
  )
}

export function AuthoritiesField({ of: { form, isReadOnly } }: OfSettings) {
  return (
    <Textarea
      label={t`Own CAs`}
      description={t`PEM of the CAs that sign its certificate. Empty: the CAs of the system.`}
      rows={3}
      readOnly={isReadOnly}
      {...pastedText}
      placeholder="-----BEGIN …"
      {...form.getInputProps('settings.authorities')}
    />
  )
}

export function SecretField({ of: { form, hasSecret, isReadOnly }, label }: OfSettings & { label: string }) {
  if (isReadOnly) return null
  return (
    <PasswordField
      label={label}
      description={
        hasSecret
          ? t`Empty: the stored one stays. If you change the address, the encryption or the CA, enter it again.`
          : t`It is stored encrypted and never shown again.`
      }
      autoComplete="new-password"
      {...form.getInputProps('secret')}
    />
  )
}

interface MoreProps extends OfSettings {
  title: string
  /** It is open without a click where one of them has an error. */
  settings: readonly (keyof SettingsValues)[]
  children: ReactNode
}

/** Settings that the product has chosen and few people change. */
export function More({ of: { form }, title, settings, children }: MoreProps) {
  return (
    <details className={classes['more']} open={settings.some((setting) => errorAt(form, setting) !== undefined)}>
      <summary>{title}</summary>
      <div>{children}</div>
    </details>
  )
}
