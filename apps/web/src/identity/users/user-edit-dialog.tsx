import { type User, type UserDetails, UserUpdate, users } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Switch, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { RolesField } from '../../access/roles/roles-field.tsx'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { BrokerDifferences } from '../../brokers/inventory/broker-differences.tsx'
import type { Decided } from '../../brokers/inventory/capability-words.ts'
import { UserCertificates } from '../../certificates/check/user-certificate-check.tsx'
import { certificateParts } from '../../certificates/client-setup/certificate-guide.tsx'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import { disconnectedWords } from '../../ui/consequences.ts'
import { useEditForm } from '../../ui/edit-form.ts'
import { Facts } from '../../ui/facts.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { CredentialFacts } from './credential-facts.tsx'
import { EndTokens } from './end-tokens.tsx'
import { inOrder } from './grants-field.tsx'
import { userQuery } from './search.ts'
import { TagsField } from './tags-field.tsx'
import {
  AdvancedFields,
  checkedAsTyped,
  hasHiddenErrors,
  KindField,
  MfaRequired,
  toUserBody,
  type UserValues,
  useAdvancedMode,
} from './user-fields.tsx'
import { changeWords, impactSentence, liveWords } from './user-impact.ts'
import { isLocal, useOriginName } from './user-origin.tsx'
import { useMappedRolesNote } from './user-roles-by-source.tsx'
import classes from './users.module.css'

/** The live connections beside the form would soon be old. The form itself keeps the version that it began with. */
const liveEveryMs = 5_000

interface EditValues extends UserValues {
  isEnabled: boolean
  mfaRequired: boolean
  endTokens: boolean
}

export function UserEdit({ id }: { id: string }) {
  const go = useNavigateTo()
  const { user: self, whyNot } = useSession()
  const { isAdvanced, toggle } = useAdvancedMode()
  const readOnly = whyNot(users.update, { id })
  const edit = useEditForm({ ...userQuery(id), refetchInterval: liveEveryMs }, users.update, {
    toValues,
    toReadable: ({ roleNames }: User) => ({ roles: roleNames }),
    toInput: (values) => ({ params: { id }, body: toBody(values) }),
    checkAsTyped: checkedAsTyped,
    readOnly,
    onDone: ({ username, ...ended }) => toast({ message: t`User ${username} updated. ${disconnectedWords(ended)}` }),
    onClose: () => go(withSearch({ edit: undefined })),
  })
  // The parts beside the form show the current version.
  const { held: user, current: now, refresh } = edit
  const mappedNote = useMappedRolesNote(user)
  const originName = useOriginName(user)
  const freedom = readOnly ? 'none' : self.id === id ? 'own-account' : 'all'

  return (
    <FormDialog
      title={readOnly ? t`User` : t`Edit user`}
      subtitle={<Subtitle user={now} />}
      aside={toggle}
      note={<ImpactNote user={now} form={edit.form} />}
      of={edit}
      submit={t`Save`}
    >
      {(form) => (
        <>
          {freedom === 'own-account' && (
            <div className={classes['own']}>
              <Trans>
                This is your own account. You can change its display name and tags, and add sign-in methods. Another
                administrator can change the rest.
              </Trans>
            </div>
          )}
          <div className={classes['columns']}>
            <TextInput
              label={t`Display name`}
              data-autofocus
              autoComplete="off"
              readOnly={readOnly !== undefined}
              {...form.getInputProps('displayName')}
            />
            <RolesField
              form={form}
              held={rolesOf(user)}
              fixed={{ roles: user.mappedRoles, note: mappedNote }}
              isDisabled={freedom !== 'all'}
            />
          </div>
          <TagsField
            isDisabled={readOnly !== undefined}
            value={form.values.tags}
            onChange={(chosen) => form.setFieldValue('tags', chosen)}
            error={form.errors['tags']}
          />
          <Facts>
            <CredentialFacts user={now} onChanged={refresh} />
            <MfaRequired
              form={form}
              isPolicy={now.mfa.demanded && !now.mfa.required}
              whyNot={
                freedom === 'own-account' ? t`This is your own account. Another administrator can do it.` : readOnly
              }
            >
              {form.values.mfaRequired && !now.mfa.required && !now.mfa.enabled && (
                <EndTokens userId={id} {...form.getInputProps('endTokens', { type: 'checkbox' })} />
              )}
            </MfaRequired>
          </Facts>
          {(isAdvanced || hasHiddenErrors(form.errors)) && (
            <>
              <AdvancedFields
                form={form}
                username={user.username}
                freedom={freedom}
                passwordNote={passwordNote(now, originName)}
                certificate={certificateParts}
              />
              {form.values.grantTypes.some(({ method }) => method === 'certificate') && (
                <UserCertificates username={user.username} />
              )}
              <div className={classes['columns']}>
                <KindField
                  value={form.values.kind}
                  onChange={(kind) => form.setFieldValue('kind', kind)}
                  isDisabled={freedom !== 'all'}
                />
                <Switch
                  className={classes['enabled'] ?? ''}
                  label={t`Enabled`}
                  description={t`Disabled users cannot sign in. Nothing is deleted.`}
                  disabled={freedom !== 'all'}
                  {...form.getInputProps('isEnabled', { type: 'checkbox' })}
                />
              </div>
            </>
          )}
          <BrokerDifferences decided={decidedIn(user, form.values)} />
        </>
      )}
    </FormDialog>
  )
}

/** What the form decides that not every broker can do. */
function decidedIn(user: User, { isEnabled, grantTypes }: EditValues): Decided[] {
  const required = grantTypes.filter(({ isRequired }) => isRequired).map(({ method }) => method)
  const isBoth = required.includes('certificate') && required.includes('password')
  const isDisabling = !isEnabled && user.disabledAt === null
  return [...(isDisabling ? (['disable'] as const) : []), ...(isBoth ? (['both'] as const) : [])]
}

function toValues(user: User): EditValues {
  const { displayName, kind, roles: held, grantTypes, permissions, mqttPublishPrefix, tags, disabledAt, mfa } = user
  return {
    displayName: displayName ?? '',
    kind,
    roles: held,
    grantTypes: inOrder(grantTypes),
    permissions,
    mqttPublishPrefix: mqttPublishPrefix ?? '',
    tags,
    isEnabled: disabledAt === null,
    mfaRequired: mfa.required,
    endTokens: true,
  }
}

function toBody(values: EditValues) {
  const { isEnabled, mfaRequired, endTokens } = values
  return { ...toUserBody(values), disabled: !isEnabled, mfaRequired, ...(mfaRequired && { endTokens }) }
}

function rolesOf({ roles: ids, roleNames }: User) {
  return ids.map((id, at) => ({ id, name: roleNames[at] ?? id }))
}

function passwordNote(user: User, originName: string): string {
  if (!isLocal(user)) return t`The password is kept by ${originName}`
  return user.hasPassword ? t`A password is set` : t`No password set`
}

function Subtitle({ user }: { user: User }) {
  return (
    <>
      <Machine>{user.username}</Machine>{' '}
      {user.disabledAt !== null && (
        <StatusBadge status="off">
          <Trans>disabled</Trans>
        </StatusBadge>
      )}
    </>
  )
}

const typingPauseMs = 300

/** What the change in the form would end, calculated by the server. */
function ImpactNote({ user, form }: { user: UserDetails; form: UseFormReturnType<EditValues> }) {
  const [values] = useDebouncedValue(form.values, typingPauseMs)
  const body = toBody(values)
  const isValid = UserUpdate.safeParse(body).success
  const { data: impact, isError } = useQuery({
    ...queryFor(users.impact, { params: { id: user.id }, body }),
    enabled: form.isDirty() && isValid,
  })
  return <output>{sentence()}</output>

  function sentence(): string {
    if (!form.isDirty()) return liveWords(user.connections)
    if (values !== form.values) return t`Counting connections that end…`
    // The fields say what is wrong.
    if (!isValid) return ''
    if (isError) return t`The connections that end could not be counted.`
    if (!impact) return t`Counting connections that end…`
    const before = { grantTypes: user.grantTypes, isDisabled: user.disabledAt !== null }
    const change = changeWords(before, { grantTypes: values.grantTypes, isDisabled: !values.isEnabled })
    return impactSentence(change, user.connections, impact)
  }
}
