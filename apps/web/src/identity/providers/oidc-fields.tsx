/** How an OpenID provider is reached, and which of its claims count here. */

import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { CommandLine } from '../../ui/command-line.tsx'
import { FieldGroup, FieldRow } from '../../ui/field-group.tsx'
import {
  AuthoritiesField,
  More,
  NumberSetting,
  SecretField,
  Setting,
  type SettingsFieldsProps,
  SwitchSetting,
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
  const { name } = props.form.values
  return (
    <FieldGroup title={t`Provider`}>
      <Setting
        of={props}
        setting="issuer"
        label={t`Issuer`}
        description={t`The address before /.well-known/openid-configuration, exactly as the provider writes it.`}
      />
      <FieldRow isLevel>
        <Setting of={props} setting="clientId" label={t`Client ID`} />
        <SecretField of={props} label={t`Client secret`} />
      </FieldRow>
      <AuthoritiesField of={props} />
      <SwitchSetting
        of={props}
        setting="mayBePrivate"
        label={t`The provider is in a private network`}
        description={t`Off: Gatehouse connects to public addresses only.`}
      />
      {name.trim() !== '' && (
        <>
          <CommandLine label={t`Redirect URI, to register at the provider`} line={addressAt(name, 'callback')} />
          <CommandLine
            label={t`Back-channel logout URI, if the provider supports it`}
            line={addressAt(name, 'back-channel-logout')}
          />
        </>
      )}
    </FieldGroup>
  )
}

function addressAt(name: string, end: string): string {
  return `${location.origin}/api/auth/oidc/${name.trim()}/${end}`
}

function ClaimFields(props: SettingsFieldsProps) {
  return (
    <FieldGroup title={t`Claims`}>
      <Setting
        of={props}
        setting="rolesClaim"
        label={t`Claim for roles`}
        description={t`A name, or a path such as realm_access.roles. Its values are mapped to roles. Empty: this provider gives no roles.`}
      />
      <More of={props} title={t`Names and scopes`} settings={['usernameClaim', 'displayNameClaim', 'scopes']}>
        <FieldRow isLevel>
          <Setting of={props} setting="usernameClaim" label={t`Claim for the username`} />
          <Setting of={props} setting="displayNameClaim" label={t`Claim for the display name`} />
        </FieldRow>
        <Setting of={props} setting="scopes" label={t`Scopes`} description={t`Separated by spaces.`} />
      </More>
    </FieldGroup>
  )
}

function SignInFields(props: SettingsFieldsProps) {
  return (
    <FieldGroup title={t`Sign-in`}>
      <SwitchSetting of={props} setting="logoutAtProvider" label={t`Sign out at the provider too`} />
      <More of={props} title={t`MFA and times`} settings={['acceptedAmr', 'acceptedAcr', 'lastSignInDays']}>
        <p className={classes['note']}>
          <Trans>
            MFA at the provider counts as MFA here if its token has one of these values. Leave both empty unless you
            know when the provider writes them.
          </Trans>
        </p>
        <FieldRow isLevel>
          <Setting of={props} setting="acceptedAmr" label={t`Values of amr`} />
          <Setting of={props} setting="acceptedAcr" label={t`Values of acr`} />
        </FieldRow>
        <NumberSetting
          of={props}
          setting="lastSignInDays"
          label={t`A sign-in counts for`}
          description={t`In days. Sign-ins in the console and by scripts count, MQTT does not. After these days, sessions and tokens of the person end, because the provider does not report who has left.`}
        />
      </More>
    </FieldGroup>
  )
}
