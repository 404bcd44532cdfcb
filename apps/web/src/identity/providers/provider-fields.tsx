/** What an identity provider consists of, on the screen. */

import { t } from '@lingui/core/macro'
import { Select, Switch, TextInput } from '@mantine/core'
import { descriptionFirst, FieldGroup, FieldRow, machineInput } from '../../ui/field-group.tsx'
import { WholeNumber } from '../../ui/whole-number.tsx'
import type { ProviderForm } from './field-parts.tsx'
import { LdapFields } from './ldap-fields.tsx'
import { OidcFields } from './oidc-fields.tsx'
import { type ProductName, productOf, productsOf, startWith } from './products.ts'
import classes from './providers.module.css'

interface ProviderFieldsProps {
  form: ProviderForm
  /** The product that is being added. Undefined: the provider exists. */
  product?: { chosen: ProductName; choose: (name: ProductName) => void }
  hasSecret?: boolean
  isReadOnly?: boolean
}

export function ProviderFields({ form, product, hasSecret = false, isReadOnly = false }: ProviderFieldsProps) {
  const fields = { form, examples: product ? productOf(product.chosen).examples : {}, hasSecret, isReadOnly }
  return (
    <>
      {product && <ProductField form={form} {...product} />}
      <NameFields form={form} isNew={product !== undefined} isReadOnly={isReadOnly} />
      {form.values.kind === 'ldap' ? <LdapFields {...fields} /> : <OidcFields {...fields} />}
      <Switch
        label={t`Require MFA for all new users of this provider`}
        description={t`They set it up at their first sign-in. Existing users stay as they are.`}
        disabled={isReadOnly}
        {...form.getInputProps('mfaForNew', { type: 'checkbox' })}
      />
      <Switch
        label={t`New people need a mapped role`}
        description={t`Off: anyone who can sign in at the provider becomes a user here, without permissions at first.`}
        disabled={isReadOnly}
        {...form.getInputProps('roleRequired', { type: 'checkbox' })}
      />
      <TextInput
        label={t`Where people change their password`}
        description={t`A link that users find under Password. Empty: only the label is shown.`}
        placeholder="https://password.example.com"
        autoComplete="off"
        spellCheck={false}
        readOnly={isReadOnly}
        classNames={machineInput}
        {...form.getInputProps('passwordUrl')}
      />
      {!product && (
        <Switch
          label={t`Enabled`}
          description={t`Off: nobody can sign in with it. Users who come from it lose their access: sessions, tokens and connections end.`}
          disabled={isReadOnly}
          {...form.getInputProps('enabled', { type: 'checkbox' })}
        />
      )}
      {!form.values.enabled && (
        <Switch
          label={t`Certificates go on`}
          description={t`On: its users may still connect to brokers with a certificate while it is disabled.`}
          disabled={isReadOnly}
          {...form.getInputProps('keepsCertificates', { type: 'checkbox' })}
        />
      )}
    </>
  )
}

function ProductField({ form, chosen, choose }: { form: ProviderForm } & NonNullable<ProviderFieldsProps['product']>) {
  const names = productsOf(form.values.kind)
  return (
    <>
      <Select
        label={t`Product`}
        description={t`Fills in the usual settings. You can change all of them.`}
        data={names.map((value) => ({ value, label: productOf(value).name }))}
        allowDeselect={false}
        data-autofocus
        value={chosen}
        onChange={(name) => {
          if (name === null) return
          choose(name)
          form.setValues(startWith(name, form.getValues()))
        }}
      />
      <p className={classes['advice']}>{productOf(chosen).advice}</p>
    </>
  )
}

function NameFields({ form, isNew, isReadOnly }: { form: ProviderForm; isNew: boolean; isReadOnly: boolean }) {
  const { kind, name } = form.values
  return (
    <FieldGroup title={t`Name`}>
      <FieldRow isLevel>
        <TextInput
          label={t`Label`}
          description={kind === 'oidc' ? t`Shown on the button of the sign-in page.` : t`Shown as the origin of users.`}
          autoComplete="off"
          data-autofocus={!isNew || undefined}
          readOnly={isReadOnly}
          {...form.getInputProps('label')}
        />
        {isNew ? (
          <TextInput
            label={t`Short name`}
            description={t`The origin of its users is ${kind}:${name || 'name'}. It cannot be changed later.`}
            autoComplete="off"
            spellCheck={false}
            classNames={machineInput}
            {...form.getInputProps('name')}
          />
        ) : (
          <WholeNumber
            label={t`Position`}
            description={
              kind === 'oidc' ? t`Among the buttons on the sign-in page.` : t`Gatehouse asks directories in this order.`
            }
            inputWrapperOrder={descriptionFirst}
            readOnly={isReadOnly}
            {...form.getInputProps('position')}
          />
        )}
      </FieldRow>
    </FieldGroup>
  )
}
