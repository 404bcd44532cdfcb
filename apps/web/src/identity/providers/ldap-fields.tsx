/** How a directory is reached, and where people and groups are found in it. */

import { t } from '@lingui/core/macro'
import { Textarea } from '@mantine/core'
import { pastedText } from '../../ui/choose-files.tsx'
import { FieldGroup, FieldRow } from '../../ui/field-group.tsx'
import {
  AuthoritiesField,
  ChoiceSetting,
  errorAt,
  More,
  NumberSetting,
  SecretField,
  Setting,
  type SettingsFieldsProps,
  SwitchSetting,
} from './field-parts.tsx'
import { bindWords, groupWords, idWords, optionsOf, tlsWords } from './provider-words.ts'

export function LdapFields(props: SettingsFieldsProps) {
  return (
    <>
      <ServerFields {...props} />
      <BindFields {...props} />
      <PeopleFields {...props} />
      <GroupFields {...props} />
      <FollowFields {...props} />
    </>
  )
}

function ServerFields(props: SettingsFieldsProps) {
  const { form, examples, isReadOnly } = props
  return (
    <FieldGroup title={t`Server`}>
      <Textarea
        label={t`Addresses`}
        description={t`One per line. If one cannot be reached, Gatehouse uses the next.`}
        rows={2}
        readOnly={isReadOnly}
        {...pastedText}
        placeholder={examples.urls}
        {...form.getInputProps('settings.urls')}
        error={errorAt(form, 'urls')}
      />
      <ChoiceSetting of={props} setting="tls" label={t`Encryption`} data={optionsOf(tlsWords)} />
      {form.values.settings.tls !== 'none' && <AuthoritiesField of={props} />}
    </FieldGroup>
  )
}

function BindFields(props: SettingsFieldsProps) {
  return (
    <FieldGroup title={t`Authentication`}>
      <ChoiceSetting of={props} setting="bind" label={t`How Gatehouse signs in`} data={optionsOf(bindWords)} />
      {props.form.values.settings.bind === 'service' ? (
        <FieldRow isLevel>
          <Setting of={props} setting="bindDn" label={t`Account`} description={t`Its distinguished name.`} />
          <SecretField of={props} label={t`Password`} />
        </FieldRow>
      ) : (
        <Setting
          of={props}
          setting="userRdn"
          label={t`Attribute of the name`}
          description={t`The distinguished name of a person is this attribute, the username and the search base.`}
        />
      )}
    </FieldGroup>
  )
}

function PeopleFields(props: SettingsFieldsProps) {
  return (
    <FieldGroup title={t`People`}>
      <Setting
        of={props}
        setting="searchBase"
        label={t`Search base`}
        description={t`Gatehouse searches for people below this entry.`}
      />
      <More
        of={props}
        title={t`Attributes and filters`}
        settings={['usernameAttribute', 'userFilter', 'displayNameAttribute', 'disabledFilter', 'idAttribute']}
      >
        <FieldRow isLevel>
          <Setting of={props} setting="usernameAttribute" label={t`Attribute of the username`} />
          <Setting of={props} setting="displayNameAttribute" label={t`Attribute of the display name`} />
        </FieldRow>
        <Setting
          of={props}
          setting="userFilter"
          label={t`Filter for people`}
          description={t`Only entries that match it can sign in.`}
        />
        <Setting
          of={props}
          setting="disabledFilter"
          label={t`Filter for disabled people`}
          description={t`Entries that match it cannot sign in. Not needed for accounts that Active Directory or a password policy disables.`}
        />
        <ChoiceSetting
          of={props}
          setting="idAttribute"
          label={t`Identifier of a person`}
          description={t`Not the name, which can change or be used again.`}
          data={optionsOf(idWords)}
        />
      </More>
    </FieldGroup>
  )
}

function GroupFields(props: SettingsFieldsProps) {
  const { groups } = props.form.values.settings
  const isSearched = groups === 'search' || groups === 'in-chain'
  return (
    <FieldGroup title={t`Groups`}>
      <ChoiceSetting of={props} setting="groups" label={t`How groups are found`} data={optionsOf(groupWords)} />
      {groups === 'attribute' && (
        <Setting
          of={props}
          setting="rolesAttribute"
          label={t`Attribute`}
          description={t`Its values are mapped to roles.`}
        />
      )}
      {isSearched && (
        <Setting
          of={props}
          setting="groupBase"
          label={t`Search base of groups`}
          description={t`Empty: the search base of people.`}
        />
      )}
      {(groups === 'search' || groups === 'memberOf') && (
        <SwitchSetting of={props} setting="nestedGroups" label={t`Include nested groups`} />
      )}
      {isSearched && (
        <More of={props} title={t`Attributes and filters of groups`} settings={['memberAttribute', 'groupFilter']}>
          <Setting of={props} setting="memberAttribute" label={t`Attribute of the members`} />
          <Setting of={props} setting="groupFilter" label={t`Filter for groups`} />
        </More>
      )}
    </FieldGroup>
  )
}

function FollowFields(props: SettingsFieldsProps) {
  return (
    <FieldGroup title={t`Sign-in`}>
      <SwitchSetting
        of={props}
        setting="mqttPasswords"
        label={t`Passwords also work over MQTT`}
        description={t`Off: they work in the console only.`}
      />
      <More
        of={props}
        title={t`Times`}
        settings={['sweepEveryMinutes', 'lastSignInDays', 'connectTimeoutMs', 'responseTimeoutMs']}
      >
        <FieldRow isLevel>
          {props.form.values.settings.bind === 'direct' ? (
            <NumberSetting
              of={props}
              setting="lastSignInDays"
              label={t`A sign-in counts for`}
              description={t`In days. Sign-ins in the console and by scripts count, MQTT does not. After these days, sessions, tokens and MQTT passwords of the person end, because without a service account nothing reports who has left.`}
            />
          ) : (
            <NumberSetting
              of={props}
              setting="sweepEveryMinutes"
              label={t`Check for changes every`}
              description={t`In minutes. Finds disabled accounts and changed groups.`}
            />
          )}
          <NumberSetting
            of={props}
            setting="connectTimeoutMs"
            label={t`Time to connect`}
            description={t`In seconds.`}
          />
          <NumberSetting
            of={props}
            setting="responseTimeoutMs"
            label={t`Time to answer`}
            description={t`In seconds.`}
          />
        </FieldRow>
      </More>
    </FieldGroup>
  )
}
