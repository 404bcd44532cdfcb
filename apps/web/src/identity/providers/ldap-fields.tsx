/** How a directory is reached, and where people and groups are found in it. */

import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Select, Switch, Textarea } from '@mantine/core'
import { pastedText } from '../../ui/choose-files.tsx'
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
import { bindWords, groupWords, idWords, optionsOf, tlsWords } from './provider-words.ts'
import classes from './providers.module.css'

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

function ServerFields({ form, examples, isReadOnly }: SettingsFieldsProps) {
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Server</Trans>
      </legend>
      <Textarea
        label={t`Addresses`}
        description={t`One per line. The next one is used when one cannot be reached.`}
        rows={2}
        readOnly={isReadOnly}
        {...pastedText}
        placeholder={examples.urls}
        {...form.getInputProps('settings.urls')}
        error={errorAt(form, 'settings.urls')}
      />
      <Select
        label={t`Encryption`}
        data={optionsOf(tlsWords)}
        allowDeselect={false}
        readOnly={isReadOnly}
        {...form.getInputProps('settings.tls')}
      />
      {form.values.settings.tls !== 'none' && <AuthoritiesField form={form} isReadOnly={isReadOnly} />}
    </fieldset>
  )
}

function BindFields(props: SettingsFieldsProps) {
  const { form, isReadOnly } = props
  const isService = form.values.settings.bind === 'service'
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Authentication</Trans>
      </legend>
      <Select
        label={t`How Gatehouse signs in`}
        data={optionsOf(bindWords)}
        allowDeselect={false}
        readOnly={isReadOnly}
        {...form.getInputProps('settings.bind')}
      />
      {isService ? (
        <div className={classes['fields']}>
          <Setting {...settingOf(props)} setting="bindDn" label={t`Account`} description={t`Its distinguished name.`} />
          <SecretField {...props} label={t`Password`} />
        </div>
      ) : (
        <Setting
          {...settingOf(props)}
          setting="userRdn"
          label={t`Attribute of the name`}
          description={t`The distinguished name of a person is this attribute, the username and the search base.`}
        />
      )}
    </fieldset>
  )
}

function PeopleFields(props: SettingsFieldsProps) {
  const { form, isReadOnly } = props
  const fields = ['usernameAttribute', 'userFilter', 'displayNameAttribute', 'disabledFilter', 'idAttribute']
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>People</Trans>
      </legend>
      <Setting
        {...settingOf(props)}
        setting="searchBase"
        label={t`Search base`}
        description={t`People are searched below this entry.`}
      />
      <More
        title={t`Attributes and filters`}
        isOpen={fields.some((field) => errorAt(form, `settings.${field}`) !== undefined)}
      >
        <div className={classes['fields']}>
          <Setting {...settingOf(props)} setting="usernameAttribute" label={t`Attribute of the username`} />
          <Setting {...settingOf(props)} setting="displayNameAttribute" label={t`Attribute of the display name`} />
        </div>
        <Setting
          {...settingOf(props)}
          setting="userFilter"
          label={t`Filter for people`}
          description={t`Only entries that match it can sign in.`}
        />
        <Setting
          {...settingOf(props)}
          setting="disabledFilter"
          label={t`Filter for disabled people`}
          description={t`Entries that match it cannot sign in. What Active Directory and password policies disable is known without it.`}
        />
        <Select
          label={t`Identifier of a person`}
          description={t`Names can change and be used again, so they identify nobody.`}
          data={optionsOf(idWords)}
          allowDeselect={false}
          readOnly={isReadOnly}
          {...form.getInputProps('settings.idAttribute')}
        />
      </More>
    </fieldset>
  )
}

function GroupFields(props: SettingsFieldsProps) {
  const { form, isReadOnly } = props
  const { groups } = form.values.settings
  const isSearched = groups === 'search' || groups === 'in-chain'
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Groups</Trans>
      </legend>
      <Select
        label={t`How groups are found`}
        data={optionsOf(groupWords)}
        allowDeselect={false}
        readOnly={isReadOnly}
        {...form.getInputProps('settings.groups')}
      />
      {groups === 'attribute' && (
        <Setting
          {...settingOf(props)}
          setting="rolesAttribute"
          label={t`Attribute`}
          description={t`Its values are mapped to roles.`}
        />
      )}
      {isSearched && (
        <Setting
          {...settingOf(props)}
          setting="groupBase"
          label={t`Search base of groups`}
          description={t`Empty: the search base of people.`}
        />
      )}
      {(groups === 'search' || groups === 'memberOf') && (
        <Switch
          label={t`Include nested groups`}
          disabled={isReadOnly}
          {...form.getInputProps('settings.nestedGroups', { type: 'checkbox' })}
        />
      )}
      {isSearched && (
        <More
          title={t`Attributes and filters of groups`}
          isOpen={['memberAttribute', 'groupFilter'].some((field) => errorAt(form, `settings.${field}`) !== undefined)}
        >
          <Setting {...settingOf(props)} setting="memberAttribute" label={t`Attribute of the members`} />
          <Setting {...settingOf(props)} setting="groupFilter" label={t`Filter for groups`} />
        </More>
      )}
    </fieldset>
  )
}

function FollowFields({ form, isReadOnly }: SettingsFieldsProps) {
  const number = (setting: 'sweepEveryMinutes' | 'connectTimeoutMs' | 'responseTimeoutMs') => ({
    readOnly: isReadOnly,
    inputWrapperOrder: descriptionFirst,
    ...form.getInputProps(`settings.${setting}`),
  })
  return (
    <fieldset className={classes['group']}>
      <legend>
        <Trans>Sign-in</Trans>
      </legend>
      <Switch
        label={t`Passwords also work over MQTT`}
        description={t`Off: they work in the console only.`}
        disabled={isReadOnly}
        {...form.getInputProps('settings.mqttPasswords', { type: 'checkbox' })}
      />
      <More
        title={t`Times`}
        isOpen={['sweepEveryMinutes', 'connectTimeoutMs', 'responseTimeoutMs'].some(
          (field) => errorAt(form, `settings.${field}`) !== undefined,
        )}
      >
        <div className={classes['fields']}>
          <WholeNumber
            label={t`Look for changes every`}
            description={t`In minutes: who is disabled there, and whose groups changed.`}
            {...number('sweepEveryMinutes')}
          />
          <WholeNumber label={t`Time to connect`} description={t`In seconds.`} {...number('connectTimeoutMs')} />
          <WholeNumber label={t`Time to answer`} description={t`In seconds.`} {...number('responseTimeoutMs')} />
        </div>
      </More>
    </fieldset>
  )
}

function settingOf({ form, examples, isReadOnly }: SettingsFieldsProps) {
  return { form, examples, isReadOnly }
}
