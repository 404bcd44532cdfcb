/** How an OpenID provider is reached, and which of its claims count here. */

import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Switch } from '@mantine/core'
import { CommandLine } from '../../ui/command-line.tsx'
import { WholeNumber } from '../../ui/whole-number.tsx'
import {
  AuthoritiesField,
  descriptionFirst,
  errorAt,
  More,
  SecretField,
  Setting,
  type SettingsFieldsProps,
} from './field-parts.tsx'
import classes from './providers.module.css'

export function OidcFields(props: SettingsFieldsProps) {
  return (
    <>
      <ClientFields {...props} />
      <ClaimFields {...props} />
      <SignInFields {...props} />
    </>
  )
}

function ClientFields(props: SettingsFieldsProps) {
  const { form, isReadOnly } = props
  const { name } = form.values
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Provider</Trans>
      </legend>
      <Setting
        {...settingOf(props)}
        setting="issuer"
        label={t`Issuer`}
        description={t`The address before /.well-known/openid-configuration, exactly as the provider writes it.`}
      />
      <div className={classes['fields']}>
        <Setting {...settingOf(props)} setting="clientId" label={t`Client ID`} />
        <SecretField {...props} label={t`Client secret`} />
      </div>
      <AuthoritiesField form={form} isReadOnly={isReadOnly} />
      <Switch
        label={t`The provider is in a private network`}
        description={t`Off: Gatehouse connects to public addresses only.`}
        disabled={isReadOnly}
        {...form.getInputProps('settings.mayBePrivate', { type: 'checkbox' })}
      />
      {name.trim() !== '' && (
        <>
          <CommandLine label={t`Redirect address, to register at the provider`} line={addressAt(name, 'callback')} />
          <CommandLine
            label={t`Back-channel logout address, where the provider has that`}
            line={addressAt(name, 'back-channel-logout')}
          />
        </>
      )}
    </fieldset>
  )
}

function addressAt(name: string, end: string): string {
  return `${location.origin}/api/auth/oidc/${name.trim()}/${end}`
}

function ClaimFields(props: SettingsFieldsProps) {
  const { form } = props
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Claims</Trans>
      </legend>
      <Setting
        {...settingOf(props)}
        setting="rolesClaim"
        label={t`Claim for roles`}
        description={t`A name, or a path such as realm_access.roles. Its values are mapped to roles. Empty: this provider gives no roles.`}
      />
      <More
        title={t`Names and scopes`}
        isOpen={['usernameClaim', 'displayNameClaim', 'scopes'].some(
          (field) => errorAt(form, `settings.${field}`) !== undefined,
        )}
      >
        <div className={classes['fields']}>
          <Setting {...settingOf(props)} setting="usernameClaim" label={t`Claim for the username`} />
          <Setting {...settingOf(props)} setting="displayNameClaim" label={t`Claim for the display name`} />
        </div>
        <Setting {...settingOf(props)} setting="scopes" label={t`Scopes`} description={t`Separated by spaces.`} />
      </More>
    </fieldset>
  )
}

function SignInFields(props: SettingsFieldsProps) {
  const { form, isReadOnly } = props
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Sign-in</Trans>
      </legend>
      <Switch
        label={t`Sign out at the provider too`}
        disabled={isReadOnly}
        {...form.getInputProps('settings.logoutAtProvider', { type: 'checkbox' })}
      />
      <More
        title={t`MFA and times`}
        isOpen={['acceptedAmr', 'acceptedAcr', 'lastSignInDays'].some(
          (field) => errorAt(form, `settings.${field}`) !== undefined,
        )}
      >
        <p className={classes['note']}>
          <Trans>
            MFA at the provider counts as MFA here if its token has one of these values. Leave both empty unless you
            know when the provider writes them.
          </Trans>
        </p>
        <div className={classes['fields']}>
          <Setting {...settingOf(props)} setting="acceptedAmr" label={t`Values of amr`} />
          <Setting {...settingOf(props)} setting="acceptedAcr" label={t`Values of acr`} />
        </div>
        <WholeNumber
          label={t`A sign-in counts for`}
          description={t`In days. Without a new one, sessions and tokens of the person end: the provider does not tell who has left.`}
          readOnly={isReadOnly}
          inputWrapperOrder={descriptionFirst}
          {...form.getInputProps('settings.lastSignInDays')}
        />
      </More>
    </fieldset>
  )
}

function settingOf({ form, examples, isReadOnly }: SettingsFieldsProps) {
  return { form, examples, isReadOnly }
}
