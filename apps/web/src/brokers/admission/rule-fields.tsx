/** What an admission rule consists of, on the screen. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Select, Switch, TagsInput, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { RolesSelect } from '../../access/roles/roles-field.tsx'
import { useSession } from '../../api/session.ts'
import { descriptionFirst, FieldRow } from '../../ui/field-group.tsx'
import { HelpLink, type LoadHelp } from '../../ui/help.tsx'
import { WholeNumber } from '../../ui/whole-number.tsx'
import { authorityChoicesQuery, shortFingerprint } from '../listeners/authority-choices.ts'
import classes from '../listeners/listeners.module.css'
import own from './admission.module.css'
import { RulePreview } from './rule-preview.tsx'
import type { RuleValues } from './rule-values.ts'

interface RuleFieldsProps {
  form: UseFormReturnType<RuleValues>
  /** Names of the roles of the rule that is edited. */
  held?: readonly { id: string; name: string }[]
  isReadOnly?: boolean
}

const loadHelp: LoadHelp = () => import('./help.ts').then(({ patternHelp }) => patternHelp)

export function RuleFields({ form, held = [], isReadOnly = false }: RuleFieldsProps) {
  return (
    <>
      <FieldRow>
        <TextInput
          label={t`Name`}
          description={t`Decisions and the audit show it.`}
          data-autofocus
          readOnly={isReadOnly}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <AuthorityField form={form} isReadOnly={isReadOnly} />
      </FieldRow>
      <TagsInput
        label={t`Usernames`}
        description={
          <>
            {t`The Common Name must match one of them. * matches anything: press-*.`}{' '}
            <HelpLink about={t`Usernames of an admission rule`} load={loadHelp} />
          </>
        }
        splitChars={[',', ' ', ';']}
        readOnly={isReadOnly}
        classNames={{
          input: classes['list'] ?? '',
          pill: classes['machine'] ?? '',
          inputField: `${classes['machine']} ${classes['typing']}`,
        }}
        {...form.getInputProps('usernames')}
        error={errorBelow(form, 'usernames')}
      />
      <RolesSelect
        label={t`Roles`}
        placeholder={t`None: the devices may do nothing`}
        value={form.values.roles}
        onChange={(ids) => form.setFieldValue('roles', ids)}
        error={errorBelow(form, 'roles')}
        held={held}
        isDisabled={isReadOnly}
      />
      <RulePreview values={form.values} />
      <LimitFields form={form} isReadOnly={isReadOnly} />
    </>
  )
}

function LimitFields({ form, isReadOnly }: Required<Pick<RuleFieldsProps, 'form' | 'isReadOnly'>>) {
  return (
    <>
      <FieldRow>
        <WholeNumber
          label={t`At most per hour`}
          inputWrapperOrder={descriptionFirst}
          description={t`Further devices are refused until later.`}
          readOnly={isReadOnly}
          {...form.getInputProps('maxPerHour')}
        />
        <WholeNumber
          label={t`At most in all`}
          inputWrapperOrder={descriptionFirst}
          description={t`Counted since the rule was created.`}
          readOnly={isReadOnly}
          {...form.getInputProps('maxTotal')}
        />
      </FieldRow>
      <Switch
        label={t`Admit devices`}
        description={t`Off: the rule is kept and admits nobody.`}
        disabled={isReadOnly}
        {...form.getInputProps('enabled', { type: 'checkbox' })}
      />
      <p className={own['responsible']}>
        <Trans>
          You are responsible for what the rule gives: if you lose one of these permissions or are disabled, it admits
          nobody.
        </Trans>
      </p>
    </>
  )
}

function AuthorityField({ form, isReadOnly }: Required<Pick<RuleFieldsProps, 'form' | 'isReadOnly'>>) {
  const { can, whyNot } = useSession()
  const { data } = useQuery({ ...authorityChoicesQuery(), enabled: can(authorities.list) })
  const chosen = form.values.authority
  const known = (data?.items ?? []).map(({ fingerprint, name }) => ({ value: fingerprint, label: name }))
  const isListed = chosen === '' || known.some(({ value }) => value === chosen)
  const options = isListed ? known : [...known, { value: chosen, label: shortFingerprint(chosen) }]
  return (
    <Select
      label={t`CA`}
      description={whyNot(authorities.list) ?? t`The certificate must lead to it.`}
      data={options}
      searchable
      allowDeselect={false}
      readOnly={isReadOnly}
      nothingFoundMessage={t`No matching CA.`}
      comboboxProps={{ shadow: 'md' }}
      {...form.getInputProps('authority')}
      value={chosen === '' ? null : chosen}
    />
  )
}

/** The server and the schema name the wrong entry of a list by its place. */
function errorBelow({ errors }: UseFormReturnType<RuleValues>, list: 'usernames' | 'roles') {
  return Object.entries(errors).find(([path]) => path === list || path.startsWith(`${list}.`))?.[1]
}
