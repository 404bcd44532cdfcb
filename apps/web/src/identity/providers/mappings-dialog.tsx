/** Edits which roles the groups of a provider give, with a preview of whom it changes. */
import type { ProviderKind } from '@gatehouse/contract/identity/provider-names'
import { type IdentityProvider, identityProviders, type RoleMapping } from '@gatehouse/contract/identity/providers'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Button, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useRef } from 'react'
import { RolesSelect } from '../../access/roles/roles-field.tsx'
import { useSession } from '../../api/session.ts'
import { useEditForm } from '../../ui/edit-form.ts'
import { FieldGroup, machineInput } from '../../ui/field-group.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { MappingChanges } from './mapping-preview.tsx'
import { type MappingRow, rowOfMapping, toMappings, toRows } from './mapping-rows.ts'
import { PersonCheck } from './person-check.tsx'
import { withoutMappings } from './provider-words.ts'
import classes from './providers.module.css'
import { useRoleNames } from './role-names.ts'
import { providerQuery } from './search.ts'

interface MappingValues {
  /** Needed by the route; it never changes. */
  kind: ProviderKind
  mappings: MappingRow[]
}

type MappingForm = UseFormReturnType<MappingValues>

export function MappingsEdit({ id }: { id: string }) {
  const go = useNavigateTo()
  const { whyNot } = useSession()
  const nameOf = useRoleNames()
  const readOnly = whyNot(identityProviders.update, { id })
  const edit = useEditForm(providerQuery(id), identityProviders.update, {
    toValues: ({ kind, mappings }: IdentityProvider): MappingValues => ({ kind, mappings: toRows(mappings) }),
    toReadable: ({ mappings }: IdentityProvider) => ({
      mappings: toRows(mappings).map(({ source, roles }) => `${source}: ${roles.map(nameOf).join(', ')}`),
    }),
    toInput: ({ kind, mappings }) => ({ params: { id }, body: { kind, mappings: toMappings(mappings) } }),
    readOnly,
    onDone: ({ label }) => toast({ message: t`Role mappings of ${label} saved.` }),
    onClose: () => go(withSearch({ edit: undefined })),
  })
  const { kind, label } = edit.held
  const settled = useSettled(edit.form.values.mappings)
  const isWithoutRoles = edit.form.values.mappings.some(({ roles }) => roles.length === 0)
  return (
    <FormDialog
      title={t`Role mappings`}
      subtitle={label}
      of={edit}
      submit={isWithoutRoles ? null : t`Save`}
      note={isWithoutRoles && t`Choose roles for each mapping, or remove it.`}
    >
      {(form) => (
        <>
          <p className={classes['note']}>
            {kind === 'ldap'
              ? t`People in a group get its roles at their next sign-in, or at the next check for changes.`
              : t`People whose claim has the value get its roles at their next sign-in.`}
          </p>
          <Rows
            form={form}
            kind={kind}
            nameOf={nameOf}
            isReadOnly={readOnly !== undefined}
            empty={withoutMappings(edit.held)}
          />
          {form.isDirty() && <MappingChanges id={id} mappings={settled} nameOf={nameOf} />}
          <PersonCheck id={id} kind={kind} mappings={settled} onAdd={(source) => add(form, source)} />
        </>
      )}
    </FormDialog>
  )
}

const typingPauseMs = 400

/** The complete mappings once the person pauses: each preview asks the server, and a check of a person also the directory. */
function useSettled(rows: readonly MappingRow[]): RoleMapping[] {
  const complete = toMappings(rows).filter(({ source }) => source !== '')
  // As text, because the list is a new one at each render.
  const [settled] = useDebouncedValue(JSON.stringify(complete), typingPauseMs)
  return JSON.parse(settled) as RoleMapping[]
}

function add(form: MappingForm, source: string): void {
  form.insertListItem('mappings', { source, roles: [] })
}

interface RowsProps {
  form: MappingForm
  kind: ProviderKind
  nameOf: (roleId: string) => string
  isReadOnly: boolean
  /** Said while there is no row. */
  empty: string
}

function Rows({ form, kind, nameOf, isReadOnly, empty }: RowsProps) {
  const addButton = useRef<HTMLButtonElement>(null)
  const rows = form.values.mappings

  function remove(at: number): void {
    // The button that was pressed goes with its row.
    addButton.current?.focus()
    form.removeListItem('mappings', at)
  }

  return (
    <FieldGroup title={t`Mappings`}>
      {rows.length === 0 && <p className={classes['note']}>{empty}</p>}
      {rows.map((row, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- a row has no other name while its source is typed
        <div key={at} className={classes['mappingRow']}>
          <TextInput
            aria-label={kind === 'ldap' ? t`Group ${at + 1}` : t`Value ${at + 1}`}
            placeholder={kind === 'ldap' ? 'cn=operators,ou=groups,dc=example,dc=com' : 'operators'}
            autoComplete="off"
            spellCheck={false}
            readOnly={isReadOnly}
            classNames={machineInput}
            {...sourceField(form, at)}
          />
          <RolesSelect
            label={t`Roles of mapping ${at + 1}`}
            isLabelHidden
            placeholder={t`Choose roles`}
            value={row.roles}
            onChange={(roles) => form.setFieldValue(`mappings.${at}.roles`, roles)}
            held={row.roles.map((roleId) => ({ id: roleId, name: nameOf(roleId) }))}
            isDisabled={isReadOnly}
            error={errorOf(form, at, 'roleId')}
          />
          {!isReadOnly && (
            <ActionIcon
              size={36}
              variant="subtle"
              color="gray"
              aria-label={t`Remove mapping ${at + 1}`}
              onClick={() => remove(at)}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      {!isReadOnly && (
        <div>
          <Button
            ref={addButton}
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => add(form, '')}
          >
            <Trans>Add mapping</Trans>
          </Button>
        </div>
      )}
    </FieldGroup>
  )
}

function sourceField(form: MappingForm, at: number) {
  return {
    ...form.getInputProps(`mappings.${at}.source`),
    error: errorOf(form, at, 'source'),
    // A row that was just added.
    autoFocus: form.values.mappings[at]?.source === '',
  }
}

/** The server counts each role of each row. */
function errorOf({ errors, values }: MappingForm, row: number, field: 'source' | 'roleId') {
  const found = Object.entries(errors).find(([path]) => {
    const [, at = '', wrong] = path.split('.')
    return wrong === field && rowOfMapping(values.mappings, Number(at)) === row
  })
  return found?.[1]
}
