/** What the fields of both kinds of providers share. */
import { t } from '@lingui/core/macro'
import { Textarea, TextInput, type TextInputProps } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { ReactNode } from 'react'
import { pastedText } from '../../ui/choose-files.tsx'
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

export const descriptionFirst: ('label' | 'description' | 'input' | 'error')[] = [
  'label',
  'description',
  'input',
  'error',
]

/** The server and the schema name the wrong entry of a list by its place. */
export function errorAt({ errors }: ProviderForm, path: string): ReactNode {
  return Object.entries(errors).find(([at]) => at === path || at.startsWith(`${path}.`))?.[1]
}

interface SettingProps
  extends Pick<SettingsFieldsProps, 'form' | 'examples' | 'isReadOnly'>,
    Pick<TextInputProps, 'label' | 'description'> {
  setting: keyof SettingsValues
}

/** A setting that a machine reads: an address, an attribute, a filter, a claim. */
export function Setting({ form, examples, isReadOnly, setting, ...input }: SettingProps) {
  return (
    <TextInput
      readOnly={isReadOnly}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      placeholder={examples[setting]}
      classNames={{ input: classes['machine'] ?? '' }}
      {...input}
      {...form.getInputProps(`settings.${setting}`)}
      error={errorAt(form, `settings.${setting}`)}
    />
  )
}

export function AuthoritiesField({ form, isReadOnly }: Pick<SettingsFieldsProps, 'form' | 'isReadOnly'>) {
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

interface SecretFieldProps extends Pick<SettingsFieldsProps, 'form' | 'hasSecret' | 'isReadOnly'> {
  label: string
}

export function SecretField({ form, hasSecret, isReadOnly, label }: SecretFieldProps) {
  if (isReadOnly) return null
  return (
    <PasswordField
      label={label}
      description={
        hasSecret
          ? t`Empty: the stored one stays. Enter it again with another address, encryption or CA.`
          : t`It is stored encrypted and never shown again.`
      }
      autoComplete="new-password"
      {...form.getInputProps('secret')}
    />
  )
}

interface MoreProps {
  title: string
  /** Open without a click, such as for a field with an error. */
  isOpen: boolean
  children: ReactNode
}

/** Settings that the product has chosen and few people change. */
export function More({ title, isOpen, children }: MoreProps) {
  return (
    <details className={classes['more']} open={isOpen}>
      <summary>{title}</summary>
      <div>{children}</div>
    </details>
  )
}
